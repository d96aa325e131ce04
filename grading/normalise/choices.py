"""Answers chosen from a list: the code, or what the list shows for it in either language."""

from collections.abc import Iterable

from grading.normalise import counts
from grading.normalise.match import Match, same_if, unreadable
from grading.normalise.text import bare
from scenarios.facts import Choice

_YES = ("yes", "y", "true", "是", "是的", "对", "对的", "有", "要", "需要", "愿意")
_NO = ("no", "n", "false", "否", "不", "不是", "没有", "不要", "不需要", "不愿意", "无")


def code_of(text: str, choices: Iterable[Choice]) -> str | None:
    """The code that `text` stands for; None if it is none of the `choices`, or stands for several."""
    wanted = bare(text)
    spellings = {choice.code: _spellings(choice) for choice in choices}
    codes = {code for code, names in spellings.items() if wanted in names}
    if not codes:
        codes = {code for code, words in (("yes", _YES), ("no", _NO)) if code in spellings and wanted in words}
    if not codes and all(code.isdecimal() for code in spellings):  # a scale: `三分`, `5 points`
        number = counts.parse(text)
        codes = {code for code in spellings if number == int(code)}
    return codes.pop() if len(codes) == 1 else None


def _spellings(choice: Choice) -> set[str]:
    return {bare(choice.code), *(bare(title) for title in choice.title.values())}


def compare(expected_code: str, found: str, choices: Iterable[Choice]) -> Match:
    """Right if the same answer was chosen, by code or by name."""
    code = code_of(found, choices)
    return unreadable(found) if code is None else same_if(code == expected_code)
