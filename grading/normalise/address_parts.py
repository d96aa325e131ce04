"""What an element of an address can be, once looked for."""

from enum import StrEnum


class Judged(StrEnum):
    """Wrong: something else stands in its place. Missing: nothing does."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
