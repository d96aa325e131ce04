"""Plain text: the same words, however they are typed."""

import re
import unicodedata

from grading.normalise.match import Match, same_if

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SPACES = re.compile(r"\s+")
_NOT_WORDS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """One spelling for all ways to type it: full-width and compatibility forms, case, invisible characters, spaces."""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", folded)).strip()


def words(text: str) -> tuple[str, ...]:
    """A table of words, written as one text."""
    return tuple(text.split())


def without_accents(text: str) -> str:
    """`José` → `Jose`: keyboards often lack the marks."""
    split = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in split if not unicodedata.combining(c)))


def bare(text: str) -> str:
    """Letters and digits only, folded."""
    return _NOT_WORDS.sub("", fold(text))


def compare(expected: str, found: str) -> Match:
    """Same letters and digits; punctuation, case and spaces do not count. Of a number, only the digits: `尾号0412`."""
    meant, written = bare(expected), bare(found)
    if meant.isdecimal():
        written = re.sub(r"\D", "", written)
    return same_if(meant == written)
