"""Webhooks: outside programs are told what happens by signed requests that are repeated until they arrive."""
