"""Text as it is to be read aloud: cleaned, numbers in words or digit by digit, split by script for the right voice."""

import re
import unicodedata
from dataclasses import dataclass

from telephony.speech.engine import Language, NothingToSayError, TextTooLongError
from telephony.speech.reading_en import read_english
from telephony.speech.reading_zh import read_chinese

LIMIT = 2000
"""Characters in one line: some eight minutes of speech."""

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_KEPT = "$¥€£%°+=&@/-.,;:!?'。、；：！？…"
_TRANSLATED = {"–": "-", "—": "-", "−": "-", "⁄": "/", "’": "'"}
_RUN = re.compile(rf"(?P<han>[{_HAN}])|(?P<latin>[A-Za-z\u00c0-\u024f])|(?P<digit>[0-9])")


@dataclass(frozen=True)
class Part:
    """A stretch of text that one voice says."""

    language: Language
    text: str


def read_aloud(text: str, language: Language) -> tuple[Part, ...]:
    """What is to be said, in order. Numbers are read in `language`, words in the language of their script.

    Raises `NothingToSayError` where no letter, character or digit is left, `TextTooLongError` past `LIMIT`.
    """
    cleaned = clean(text)
    if len(cleaned) > LIMIT:
        raise TextTooLongError(len(cleaned), LIMIT)
    said = read_chinese(cleaned) if language == "zh-CN" else read_english(cleaned)
    parts = _split(said, language)
    if not parts:
        raise NothingToSayError(text)
    return parts


def clean(text: str) -> str:
    """Only what can be said: no markup, control or invisible characters, emoji; full-width forms made ordinary.

    Letters of scripts other than Han and Latin are dropped too: the voices would spell out their names.
    """
    # The space keeps `1，000` from becoming the thousand `1,000`.
    plain = unicodedata.normalize("NFKC", _TAG.sub(" ", text).replace("，", "， "))
    return re.sub(r"\s+", " ", "".join(_sayable(char) for char in plain)).strip()


def _sayable(char: str) -> str:
    kind = unicodedata.category(char)
    if char in _KEPT or (kind[0] == "L" and _RUN.match(char)):
        return char
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if char in _TRANSLATED:
        return _TRANSLATED[char]
    return "" if kind in ("Mn", "Cf") else " "  # accents that did not compose, joiners, marks of direction: no gap


def _split(text: str, language: Language) -> tuple[Part, ...]:
    """Stretches of one script; punctuation stays with what stands before it."""
    parts: list[tuple[Language, str]] = []
    start, current = 0, None
    for found in _RUN.finditer(text):
        spoken: Language = "zh-CN" if found["han"] else "en" if found["latin"] else language
        if current is None:
            current = spoken
        elif spoken != current:
            parts.append((current, text[start : found.start()]))
            start, current = found.start(), spoken
    if current is not None:
        parts.append((current, text[start:]))
    return tuple(Part(spoken, stretch.strip(" -/=+&@")) for spoken, stretch in parts)
