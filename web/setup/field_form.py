"""One question of a form as people type it, and back: every fault with the box it belongs to."""

import re
from collections.abc import Mapping
from typing import Any

from lab_server.desk.templates.model import CHOOSING, FieldKind, TemplateField
from scenarios.facts import Choice

RULES = 3
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PLAIN = {
    "key": 40, "kind": 20, "title_zh": 200, "title_en": 200, "help_zh": 400, "help_en": 400, "required": 1, "lesson": 4,
    "longest": 6, "low": 20, "high": 20, "choices": 8000, "jump_any": 41,
}  # fmt: skip
_LIMITED = {FieldKind.NUMBER, FieldKind.MONEY}
NONE, END = "", "-"
"""A jump that is none; a jump to the end."""


def as_typed(field: TemplateField) -> dict[str, str]:
    """What stands in the boxes."""
    typed = {
        "key": field.key, "kind": field.kind.value, "title_zh": field.title.get("zh-CN", ""),
        "title_en": field.title.get("en", ""), "help_zh": field.help.get("zh-CN", ""),
        "help_en": field.help.get("en", ""), "required": "1" if field.required else "", "lesson": str(field.lesson),
        "longest": str(field.longest), "low": _figure(field.low), "high": _figure(field.high),
        "choices": "\n".join(map(_line, field.choices)), "jump_any": NONE,
    }  # fmt: skip
    for at in range(RULES):
        rule = field.shown_if[at] if at < len(field.shown_if) else None
        typed |= {
            f"rule{at}_field": rule.field if rule else "", f"rule{at}_op": rule.op if rule else "among",
            f"rule{at}_values": ", ".join(rule.values) if rule else "",
        }  # fmt: skip
    for jump in field.jumps:
        for code in jump.among:
            typed.setdefault(f"jump.{code}", jump.to or END)
        if not jump.among:
            typed["jump_any"] = jump.to or END
    return typed


def from_page(form: Mapping[str, str]) -> dict[str, str]:
    """The boxes of a page, each cut to what can be right."""
    typed = {name: form.get(name, "").strip()[:longest] for name, longest in _PLAIN.items()}
    for at in range(RULES):
        for part, longest in (("field", 40), ("op", 20), ("values", 400)):
            typed[f"rule{at}_{part}"] = form.get(f"rule{at}_{part}", "").strip()[:longest]
    jumps = {name: value[:41] for name, value in form.items() if name.startswith("jump.") and len(name) < 80}
    return typed | jumps


def parsed(
    typed: Mapping[str, str], old: TemplateField | None, others: set[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The field as `TemplateField` takes it, and what is wrong: box → a word of `fault_words`.

    `others`: the keys of the form's other fields.
    """
    faults: dict[str, str] = {}
    kind = next((one for one in FieldKind if one == typed["kind"]), None)
    if kind is None:
        faults["kind"] = "choose"
        kind = FieldKind.TEXT
    title = {code: text for code, text in (("zh-CN", typed["title_zh"]), ("en", typed["title_en"])) if text}
    if not title:
        faults["title_zh"] = "title"
    key = typed["key"] or (old.key if old is not None else fresh_key(typed["title_en"], others))
    if not _KEY.fullmatch(key):
        faults["key"] = "key"
    elif key in others:
        faults["key"] = "key_twice"
    choices, fault = _choices(typed["choices"], old) if kind in CHOOSING else ((), "")
    if fault:
        faults["choices"] = fault
    low, high = (_number(typed, name, faults) if kind in _LIMITED else None for name in ("low", "high"))
    if low is not None and high is not None and low > high:
        faults["high"] = "low_high"
    plain = {
        "key": key, "kind": kind.value, "title": title,
        "help": {code: text for code, text in (("zh-CN", typed["help_zh"]), ("en", typed["help_en"])) if text},
        "required": typed["required"] == "1", "choices": [one.model_dump() for one in choices],
        "shown_if": _rules(typed, faults), "jumps": _jumps(typed, kind, choices),
        "lesson": _whole(typed, "lesson", 99, 1, faults), "longest": _whole(typed, "longest", 2000, 2000, faults),
        "low": low, "high": high,
        "graded": old.graded.model_dump() if old is not None and old.graded is not None and old.kind == kind else None,
    }  # fmt: skip
    return plain, faults


def fresh_key(title: str, others: set[str]) -> str:
    """A key for a new field: of its English title, else a number."""
    plain = re.sub(r"[^a-z0-9]+", "_", title.casefold()).strip("_")[:30]
    base = plain if _KEY.fullmatch(plain) else "field"
    return next(key for at in range(1, 200) if (key := base if at == 1 else f"{base}_{at}") not in others)


def answers(kind: FieldKind, choices: tuple[Choice, ...]) -> tuple[str, ...]:
    """The codes a jump may depend on."""
    return ("yes", "no") if kind is FieldKind.YES_NO else tuple(one.code for one in choices)


def _line(choice: Choice) -> str:
    chinese, english = choice.title.get("zh-CN", ""), choice.title.get("en", "")
    parts = [chinese, english, choice.code if choice.code != _code(chinese, english) else ""]
    while parts and not parts[-1]:
        parts.pop()
    return " | ".join(parts)


def _choices(text: str, old: TemplateField | None) -> tuple[tuple[Choice, ...], str]:
    """`中文 | English | code` a line; a choice that is there already keeps its code."""
    known = {title: one.code for one in (old.choices if old is not None else ()) for title in one.title.values()}
    found: list[Choice] = []
    for line in filter(str.strip, text.replace("｜", "|").splitlines()):
        parts = [*(part.strip() for part in line.split("|")), "", ""]
        chinese, english, code = parts[:3]
        code = code or known.get(chinese) or known.get(english) or _code(chinese, english)
        if not chinese and not english:
            return (), "choice_title"
        if "," in code or len(code) > 64 or len(chinese) > 100 or len(english) > 100:
            return (), "choice_long"
        title = {name: text for name, text in (("zh-CN", chinese), ("en", english)) if text}
        found.append(Choice(code=code, title=title))
    if len(found) < 2:
        return (), "choices"
    if len({one.code for one in found}) < len(found):
        return (), "choice_twice"
    return tuple(found), ""


def _code(chinese: str, english: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", english.casefold()).strip("_")[:40] or chinese.replace(",", " ")[:40]


def _rules(typed: Mapping[str, str], faults: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    for at in range(RULES):
        field, op = typed[f"rule{at}_field"], typed[f"rule{at}_op"] or "among"
        if not field:
            continue
        values = [one.strip() for one in re.split(r"[,，、]", typed[f"rule{at}_values"]) if one.strip()]
        if op in {"filled", "empty"}:
            values = []
        elif not values or (op in {"at_least", "at_most"} and not _is_number(values[0])):
            faults[f"rule{at}_values"] = "values"
            values = ["0"]
        found.append({"field": field, "op": op, "values": values})
    return found


def _jumps(typed: Mapping[str, str], kind: FieldKind, choices: tuple[Choice, ...]) -> list[dict[str, Any]]:
    to: dict[str, list[str]] = {}
    for code in answers(kind, choices):
        if target := typed.get(f"jump.{code}", NONE):
            to.setdefault(target, []).append(code)
    found: list[dict[str, Any]] = [
        {"among": codes, "to": "" if target == END else target} for target, codes in to.items()
    ]
    if any_ := typed["jump_any"]:
        found.append({"among": [], "to": "" if any_ == END else any_})
    return found


def _number(typed: Mapping[str, str], name: str, faults: dict[str, str]) -> float | None:
    if not typed[name]:
        return None
    if not _is_number(typed[name]):
        faults[name] = "number"
        return None
    return float(typed[name])


def _whole(typed: Mapping[str, str], name: str, most: int, otherwise: int, faults: dict[str, str]) -> int:
    text = typed[name]
    if not text:
        return otherwise
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= most):
        faults[name] = "whole_99" if most == 99 else "whole_2000"
        return otherwise
    return int(text)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", text) is not None


def _figure(limit: float | None) -> str:
    return "" if limit is None else f"{limit:g}"
