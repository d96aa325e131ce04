"""The private Asterisk: got from Debian, configured from typed settings, started, watched and stopped without root."""
