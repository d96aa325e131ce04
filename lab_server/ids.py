"""Ids are ULIDs: 26 characters, sortable by the time they were made, the same in every process and every database."""

import re

from telephony.ulids import new_ulid

_CROCKFORD = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_id() -> str:
    """A new ULID in its canonical upper-case spelling."""
    return new_ulid()


def is_id(text: str) -> bool:
    """Whether `text` is a well-formed ULID: what comes in over a SIP header or a URL is anybody's text."""
    return _CROCKFORD.fullmatch(text) is not None
