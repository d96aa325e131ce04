"""Free text by its points: which of the things the caller said does it hold, in whatever words?

A point is a list of wordings, any of which counts. A wording is found where all its words stand in one clause with
the same sense: `没有坏` does not hold the point `坏`, `it is not broken` does not hold `broken`.
"""

import re
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from grading.normalise.match import SAME, Match
from grading.normalise.text import fold
from grading.normalise.text import words as word_list
from scenarios.facts import point_wordings

_HAN = re.compile(r"[\u3400-\u9fff]")
_CLAUSE = re.compile(r"[,.;:!?。，；：！？、\n|/]+|\b(?:but|and|however|because|so)\b|但是|而且|并且|可是|但")
_FILLERS = re.compile(
    r"很|太|特别|非常|比较|有点儿?|有些|十分|挺|真的|确实|老是|总是|一直|了|的|得|地|着|也|都|就|还|儿"
)
_NEGATION_BEFORE = re.compile(
    r"(?:没有|没|不是|并非|并不|并没有?|未|从不|不再|不会|不|无|非|别)(?:出现|发生|说|存在|任何|再|怎么|那么|什么|有|是|过|被|[损毁破弄摔变撞])*$"
)
_NOT_NEGATION = re.compile(
    r"(?:不但|不仅|不只|不光|不得不|不是不|不停|不断|不时|忍不住|差不多|对不起|要不)(?:出现|发生|有|是|会|地)*$"
)
_CARRIES_NEGATION = re.compile(r"^(?:没有|没|不|未|无|非|别)")

_STOP = frozenset(
    word_list(
        "a an the is are was were be been being am it its he she they i we my our your his her their this that these "
        "those to of in on at for with from by as has have had do does did will would can could very really quite too "
        "just also customer says said caller there all any some"
    )
)
_NEGATORS_EN = frozenset(word_list("not no never without cannot none nothing neither nor hardly unable"))
_CONTRACTION = re.compile(r"n['’]t\b")
_SAME_LETTERS = 5
"""A word of this many letters may hold one slip of the typist."""


def compare(expected: str, found: str) -> Match:
    """The share of points that `found` holds; right if it holds all."""
    wanted = point_wordings(expected)
    absent = [point for point in wanted if not any(holds(found, wording) for wording in point)]
    if not absent:
        return SAME
    denied = [point for point in absent if any(_denies(found, wording) for wording in point)]
    shown = "; ".join(point[0] for point in (denied or absent) if point)
    reason = "points_denied" if denied else "points_missing"
    return Match(share=(len(wanted) - len(absent)) / len(wanted), reason=reason, params={"points": shown})


def holds(found: str, wording: str) -> bool:
    """Whether `found` says what `wording` says."""
    return any(sense is True for sense in _senses(found, wording))


def _denies(found: str, wording: str) -> bool:
    return any(sense is False for sense in _senses(found, wording))


def _senses(found: str, wording: str) -> list[bool | None]:
    """For each clause: True if it says the wording, False if it denies it, None if it does not speak of it."""
    clauses = [clause for clause in _CLAUSE.split(fold(found)) if clause.strip()]
    if _HAN.search(wording):
        return [_sense_zh(clause, fold(wording)) for clause in clauses]
    wanted = _words(fold(wording))
    return [_sense_en(clause, *wanted) for clause in clauses]


def _sense_zh(clause: str, wording: str) -> bool | None:
    text, needle = (re.sub(r"[\s\W]+", "", _FILLERS.sub("", part)) for part in (clause, wording))
    if not needle:  # nothing but fillers: take it as it is
        text, needle = re.sub(r"\s+", "", clause), re.sub(r"\s+", "", wording)
    sense: bool | None = None
    begin = text.find(needle)
    while begin >= 0:
        before = text[:begin]
        negated = bool(_NEGATION_BEFORE.search(before)) and not _NOT_NEGATION.search(before)
        if not negated:
            return True
        sense = False
        begin = text.find(needle, begin + 1)
    if sense is None and (bare := _CARRIES_NEGATION.sub("", needle)) != needle and bare and bare in text:
        return None  # the thing is mentioned without its negation: that says nothing of ours
    return sense


def _words(text: str) -> tuple[Sequence[str], bool]:
    """(the words that carry meaning, stemmed; whether an odd number of negations stands among them)."""
    words = re.findall(r"[a-z0-9]+", _CONTRACTION.sub(" not", text.replace("cannot", "can not")))
    negated = sum(word in _NEGATORS_EN for word in words) % 2 == 1
    return [_stem(word) for word in words if word not in _STOP and word not in _NEGATORS_EN], negated


def _sense_en(clause: str, wanted: Sequence[str], wanted_negated: bool) -> bool | None:
    words, negated = _words(clause)
    if not wanted or not all(any(_alike(word, want) for word in words) for want in wanted):
        return None
    return negated == wanted_negated


def _stem(word: str) -> str:
    for ending, kept in (("ing", 3), ("ies", 3), ("ied", 3), ("ed", 3), ("es", 3), ("s", 3), ("e", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= kept:
            stem = word[: -len(ending)] + ("y" if ending in ("ies", "ied") else "")
            return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and ending in ("ing", "ed") else stem
    return word


def _alike(word: str, wanted: str) -> bool:
    if word == wanted:
        return True
    long_enough = min(len(word), len(wanted)) >= _SAME_LETTERS and word[0] == wanted[0]
    return long_enough and not wanted.isdecimal() and Levenshtein.distance(word, wanted, score_cutoff=1) <= 1
