"""Debian packages without root: found, fetched, checked and unpacked into a private folder.

Standard library only: `bootstrap.py` uses it before anything is installed.
"""
