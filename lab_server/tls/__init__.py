"""https in the lab: an authority of our own, and the certificate it makes for this machine's names and addresses."""
