"""Cutting text into the words it is found by: Chinese by a dictionary (jieba), names also by their pinyin."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import Protocol

import rjieba

LONGEST_WORD = 40
_PARTS = re.compile(r"[㐀-鿿]+|[^\W_㐀-鿿]+")
_STOP = frozenset(
    [
        "的",
        "了",
        "是",
        "在",
        "我",
        "您",
        "你",
        "吗",
        "呢",
        "吧",
        "啊",
        "和",
        "与",
        "就",
        "都",
        "也",
        "很",
        "请",
        "请问",
        "怎么",
        "一个",
        "可以",
        "the",
        "a",
        "an",
        "of",
        "to",
        "is",
        "are",
        "in",
        "on",
        "for",
        "and",
        "or",
        "it",
        "you",
        "your",
        "i",
        "my",
        "do",
        "does",
        "how",
        "what",
        "can",
    ]
)


class Cutter(Protocol):
    """The dictionary's cutter."""

    def cut_for_search(self, text: str) -> list[str]: ...


@cache
def _jieba() -> Cutter:
    cutter: Cutter = rjieba.Jieba()
    return cutter


@cache
def _pinyin() -> Callable[[str], list[str]]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 (its tables take a second: nobody is to wait for them at the start)

    return lazy_pinyin


def warm() -> None:
    """Read the dictionaries now, so that nobody's first search waits for them."""
    name_terms("王小明")
    words("退款多久到账")


def plain(text: str) -> str:
    """One spelling of many: full width, capitals, accents of letters are the same to who searches."""
    return unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> list[str]:
    """The words of a text in order, for an index and for a query alike; the commonest, which say nothing, left out."""
    found = []
    for part in _PARTS.findall(plain(text)):
        if part.isascii():
            found.append(_stem(part[:LONGEST_WORD]))
        else:
            found += [word[:LONGEST_WORD] for word in _jieba().cut_for_search(part) if word.strip()]
    return [word for word in found if word not in _STOP]


def pieces(text: str) -> set[str]:
    """Every end of every run of letters, so that whatever is inside is found by how it begins."""
    found: set[str] = set()
    for part in _PARTS.findall(plain(text)):
        chinese = not part.isascii()
        found |= {part[at : at + LONGEST_WORD] for at in range(len(part) if chinese else 1)}
    return found


def name_terms(name: str) -> set[str]:
    """王小明: by 王小明, 小明, 明, wangxiaoming, xiaoming, ming, wxm, xm; Mary Jones: by mary, jones."""
    found = pieces(name)
    chinese = "".join(part for part in _PARTS.findall(plain(name)) if not part.isascii())[:LONGEST_WORD]
    if chinese:
        syllables = _pinyin()(chinese)
        found |= {"".join(syllables[at:])[:LONGEST_WORD] for at in range(len(syllables))}
        found |= {"".join(one[:1] for one in syllables[at:]) for at in range(len(syllables))}
    return found


def number_terms(number: str) -> set[str]:
    """Each end of four digits and more: customers say the last four."""
    digits = re.sub(r"\D", "", plain(number))[:LONGEST_WORD]
    return {digits[at:] for at in range(max(1, len(digits) - 3))} if digits else set()


def place_terms(address: str) -> set[str]:
    """The address's words, each found by how it begins, too: 西湖区, 西湖."""
    return {word for word in _all_words(address) if word}


def asked(query: str) -> list[str]:
    """What a query asks for, each to be found by how it begins; at most eight."""
    found = []
    for part in _PARTS.findall(plain(query)[:200]):
        if part.isascii() or len(part) <= 4:
            found.append(part[:LONGEST_WORD])
        else:
            found += [word for word in _jieba().cut(part) if word.strip()]  # type: ignore[attr-defined]
    return found[:8]


def _all_words(text: str) -> Iterable[str]:
    for part in _PARTS.findall(plain(text)):
        yield part[:LONGEST_WORD]
        if not part.isascii():
            yield from _jieba().cut_for_search(part)


def _stem(word: str) -> str:
    """`refunds` is `refund`: enough for a knowledge base, since words are found by how they begin."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
