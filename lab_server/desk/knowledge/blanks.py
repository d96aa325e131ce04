"""Talk scripts' blanks: `{caller|您}` is what stands there, or what comes after the bar: pure."""

import re
from collections.abc import Mapping

from datasets.language import Language
from lab_server.desk.errors import BadValueError

KNOWN = frozenset(
    {"caller", "name", "surname", "number", "agent", "seat", "company", "queue", "daytime", "order", "order_state",
     "ticket", "member_number"}
)  # fmt: skip
_BLANK = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")
_TWO_CHARACTERS = frozenset(
    [
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "司徒",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "宇文",
        "长孙",
        "夏侯",
        "轩辕",
        "端木",
        "南宫",
        "独孤",
    ]
)
_ADDRESSED: Mapping[Language, Mapping[str, str]] = {
    "zh-CN": {"f": "女士", "m": "先生"},
    "en": {"f": "Ms.", "m": "Mr."},
}
_DAYTIME: Mapping[Language, tuple[str, str, str]] = {
    "zh-CN": ("早上好", "下午好", "晚上好"),
    "en": ("Good morning", "Good afternoon", "Good evening"),
}


def checked(text: str) -> str:
    """The text, if its blanks are known. Raises `BadValueError`."""
    unknown = sorted({found[1] for found in _BLANK.finditer(text)} - KNOWN)
    if unknown:
        raise BadValueError(f"{{{unknown[0][:40]}}} is no blank: there are {', '.join(sorted(KNOWN))}")
    return text


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its blanks filled, once: braces in a customer's name are just text."""
    return _BLANK.sub(lambda found: values.get(found[1]) or found[2] or "", text)


def surname(name: str) -> str:
    """王小明: 王; 欧阳娜娜: 欧阳; Mary Jones: Jones."""
    bare = name.strip()
    if not bare:
        return ""
    if bare.isascii():
        return bare.split()[-1]
    return bare[:2] if bare[:2] in _TWO_CHARACTERS and len(bare) > 2 else bare[0]


def caller(name: str, salutation: str, language: Language) -> str:
    """How to address the customer: 王女士, Ms. Jones; empty if nobody knows."""
    family, word = surname(name), _ADDRESSED[language].get(salutation, "")
    if not family or not word:
        return ""
    return f"{family}{word}" if language == "zh-CN" else f"{word} {family}"


def daytime(hour: int, language: Language) -> str:
    """The greeting of that hour, of the site's clock."""
    morning, afternoon, evening = _DAYTIME[language]
    return morning if 5 <= hour < 12 else afternoon if 12 <= hour < 18 else evening
