"""Addresses by element. What was said is known element by element; what was typed is searched for each of them."""

from contextlib import suppress

from grading.normalise.address_en import judge_english
from grading.normalise.address_parts import Judged
from grading.normalise.address_zh import judge_chinese
from grading.normalise.match import SAME, Match, unreadable
from grading.normalise.text import bare
from scenarios.facts import address_elements

_NUMBERS = frozenset({"number", "building", "unit", "room", "zip"})


def compare(expected: str, found: str) -> Match:
    """The share of elements that are right; 0 if one of the numbers is wrong, for then nothing would arrive.

    `expected` is canonical; `found` one line as people write it, or elements in canonical form.
    """
    meant = address_elements(expected)
    if not bare(found):
        return unreadable(found)
    judged = judge(meant, found)
    wrong_numbers = [name for name in _NUMBERS & judged.keys() if judged[name] is Judged.WRONG]
    amiss = [meant[name] for name in meant if judged[name] is not Judged.RIGHT]
    if not amiss:
        return SAME
    params = {"elements": "、".join(amiss) if "district" in meant else ", ".join(amiss)}
    if wrong_numbers:
        return Match(share=0, reason="address_number", params=params)
    return Match(share=1 - len(amiss) / len(meant), reason="address_elements", params=params)


def judge(meant: dict[str, str], found: str) -> dict[str, Judged]:
    """Each element of what was meant: right, wrong, or missing in `found`."""
    if found.lstrip().startswith("{"):
        with suppress(ValueError):  # a text that begins with a brace is then read as a text
            found = " ".join(address_elements(found).values())
    return judge_english(meant, found) if "street" in meant else judge_chinese(meant, found)
