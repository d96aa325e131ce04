"""What sets a clone up: the Makefile's targets. Not installed with the package."""
