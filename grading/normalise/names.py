"""Names: 张伟 and 张 伟先生 are one; 张玮 is another. `Smith, John` is John Smith."""

import re

from rapidfuzz.distance import Levenshtein

from grading.normalise.match import DIFFERENT, SAME, Match
from grading.normalise.text import fold, without_accents
from grading.normalise.text import words as word_list

_HAN = re.compile(r"[\u3400-\u9fff]")
_TITLE_ZH = re.compile(r"(?<=.)(?:先生|女士|小姐|太太|夫人|同志|老师|师傅|经理|阿姨|大爷|大妈|本人)$")
_TITLES_EN = frozenset(word_list("mr mrs ms miss mx dr prof professor sir madam mister customer"))
_BRACKETS = re.compile(r"[(\[【].*?[)\]】]")
_NEAR = 0.88
"""Similarity (1 − edits ÷ length) from which a Western name is called near: one slip in nine letters."""
NEAR_SHARE = 0.5


def chinese(text: str) -> str:
    """The characters of a Chinese name: no title, space, dot or remark in brackets."""
    kept = re.sub(r"[\s·•・.．,，]", "", _BRACKETS.sub("", fold(text)))
    previous = ""
    while kept != previous:
        previous, kept = kept, _TITLE_ZH.sub("", kept)
    return kept


def western(text: str) -> tuple[str, ...]:
    """The words of a Western name in the order given name, family name; no title, case or accents."""
    folded = without_accents(_BRACKETS.sub(" ", fold(text)))
    if folded.count(",") == 1:
        family, given = folded.split(",")
        folded = f"{given} {family}"
    words = re.findall(r"[^\W\d_]+", re.sub(r"['’`\-]", "", folded.replace(".", " ")))
    return tuple(word for word in words if word not in _TITLES_EN)


def compare(expected: str, found: str) -> Match:
    """A Chinese name is right to the character. A Western one to the letter; a near one is wrong, but earns half."""
    if _HAN.search(fold(expected)):
        return _compare_chinese(chinese(expected), chinese(found))
    return _compare_western(western(expected), western(found))


def _compare_chinese(meant: str, written: str) -> Match:
    if meant == written:
        return SAME
    if written and len(written) < len(meant) and meant.startswith(written):
        return Match(share=0, reason="part_of_name", params={"found": written})
    if len(written) == len(meant) and Levenshtein.distance(meant, written) == 1:
        return Match(share=0, reason="one_character", params={"expected": meant, "found": written})
    return DIFFERENT


def _compare_western(meant: tuple[str, ...], written: tuple[str, ...]) -> Match:
    if sorted(meant) == sorted(written) or sorted(_no_initials(meant)) == sorted(_no_initials(written)):
        return SAME
    if written and set(written) < set(meant):
        return Match(share=0, reason="part_of_name", params={"found": " ".join(written)})
    nearness = max(
        Levenshtein.normalized_similarity(" ".join(meant), " ".join(written)),
        Levenshtein.normalized_similarity(" ".join(sorted(meant)), " ".join(sorted(written))),
    )
    if nearness >= _NEAR and len(meant) == len(written):
        return Match(share=NEAR_SHARE, reason="near_name", params={"found": " ".join(written)})
    return DIFFERENT


def _no_initials(words: tuple[str, ...]) -> list[str]:
    """Middle initials are a habit of forms, not part of the name."""
    return [word for word in words if len(word) > 1] if sum(len(word) > 1 for word in words) > 1 else list(words)
