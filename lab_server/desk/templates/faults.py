"""What is wrong with the answers, in sentences of both languages."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, time

from datasets.numbers import BadNumberError, normalise
from lab_server.desk.templates.jumps import asked
from lab_server.desk.templates.model import FieldKind, Template, TemplateField
from lab_server.desk.typed import odd
from scenarios.facts import Frozen, Localised

_MONEY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_CHECKS = "10X98765432"


class Fault(Frozen):
    """Why one field's answer does not do. `fault_id` is stable; `says` is for who types."""

    field: str
    fault_id: str
    says: Localised

    def __str__(self) -> str:
        return f"{self.field}: {self.says['en']}"


_SAYS: dict[str, tuple[str, str]] = {
    "required": ("这一项必须填写。", "Please fill this in."),
    "too_long": ("最多 {longest} 个字，现在有 {length} 个。", "At most {longest} characters; these are {length}."),
    "odd": ("里面有无法保存的字符，请重新输入。", "It contains a character that cannot be kept. Please type it again."),
    "number": ("请填数字，例如 12。", "Write a number, such as 12."),
    "money": ("请填金额，例如 128.50。", "Write an amount, such as 128.50."),
    "low": ("不能小于 {low}。", "It cannot be less than {low}."),
    "high": ("不能大于 {high}。", "It cannot be more than {high}."),
    "date": ("请填日期，例如 2026-11-20。", "Write a date, such as 2026-11-20."),
    "time": ("请填时间，例如 14:30。", "Write a time, such as 14:30."),
    "choice": ("请从选项中选择。", "Choose one of the answers."),
    "phone": ("这不像电话号码，请核对。", "This does not look like a phone number. Please check it."),
    "id_number": ("身份证号码不对，请逐位核对。", "This ID number is not right. Please check each digit."),
    "address": ("地址太短，请写到门牌号。", "The address is too short: street and number, please."),
    "unknown": ("这张表没有这一项。", "The form has no such question."),
}


def faults(template: Template, answers: Mapping[str, str], *, final: bool = True) -> tuple[Fault, ...]:
    """All of them, in the form's order. `final`: required questions must be answered (while one types, not yet)."""
    found = [_fault(name, "unknown") for name in answers if template.field(name) is None]
    for field in asked(template, answers):
        value = answers.get(field.key, "").strip()
        if value:
            found += _of_value(field, value)
        elif field.required and final:
            found.append(_fault(field.key, "required"))
    return tuple(found)


def _of_value(field: TemplateField, value: str) -> list[Fault]:
    if len(value) > field.longest:
        return [_fault(field.key, "too_long", longest=field.longest, length=len(value))]
    if odd(value) is not None:
        return [_fault(field.key, "odd")]
    fault_id = _CHECKED[field.kind](field, value) if field.kind in _CHECKED else None
    if fault_id is None:
        return []
    return [_fault(field.key, fault_id, low=_plain(field.low), high=_plain(field.high))]


def _number(field: TemplateField, value: str, pattern: re.Pattern[str], fault_id: str) -> str | None:
    plain = unicodedata.normalize("NFKC", value).replace(",", "").removesuffix("元").removeprefix("¥").strip()
    if not pattern.fullmatch(plain):
        return fault_id
    if field.low is not None and float(plain) < field.low:
        return "low"
    return "high" if field.high is not None and float(plain) > field.high else None


def _date(_field: TemplateField, value: str) -> str | None:
    try:
        date.fromisoformat(value)
    except ValueError:
        return "date"
    return None


def _time(_field: TemplateField, value: str) -> str | None:
    try:
        time.fromisoformat(value)
    except ValueError:
        return "time"
    return None


def _choice(field: TemplateField, value: str) -> str | None:
    return None if value in {choice.code for choice in field.choices} else "choice"


def _choices(field: TemplateField, value: str) -> str | None:
    return None if {part.strip() for part in value.split(",")} <= {one.code for one in field.choices} else "choice"


def _phone(_field: TemplateField, value: str) -> str | None:
    try:
        return None if len(normalise(value).lstrip("+")) >= 5 else "phone"
    except BadNumberError:
        return "phone"


def is_id_number(text: str) -> bool:
    """Whether it is a resident identity number: 18 places, a day of birth that was, the check digit (GB 11643-1999)."""
    number = unicodedata.normalize("NFKC", text).strip().upper()
    if not _ID_NUMBER.fullmatch(number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return number[-1] == _CHECKS[total % 11]


_CHECKED: dict[FieldKind, Callable[[TemplateField, str], str | None]] = {
    FieldKind.NUMBER: lambda field, value: _number(field, value, _NUMBER, "number"),
    FieldKind.MONEY: lambda field, value: _number(field, value, _MONEY, "money"),
    FieldKind.DATE: _date,
    FieldKind.TIME: _time,
    FieldKind.CHOICE: _choice,
    FieldKind.MULTI_CHOICE: _choices,
    FieldKind.YES_NO: lambda _field, value: None if value in {"yes", "no"} else "choice",
    FieldKind.PHONE: _phone,
    FieldKind.ID_NUMBER: lambda _field, value: None if is_id_number(value) else "id_number",
    FieldKind.ADDRESS: lambda _field, value: None if len(value) >= 5 else "address",
}


def _fault(field: str, fault_id: str, **blanks: object) -> Fault:
    chinese, english = _SAYS[fault_id]
    says: Localised = {"zh-CN": chinese.format(**blanks), "en": english.format(**blanks)}
    return Fault(field=field, fault_id=fault_id, says=says)


def _plain(limit: float | None) -> str:
    return "" if limit is None else f"{limit:g}"
