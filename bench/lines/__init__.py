"""Phones and callers for benches that need to know the very moment when something is on the wire, and a lab for them.

`phones` is a program: fifty phones and two hundred callers in one process, whose arrivals the kernel dates, so that it
does not matter how busy the process is. `lab` is a whole Ringside in a folder of its own, with such phones at its
switch.
"""
