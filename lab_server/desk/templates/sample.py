"""Answers to show a form with, before it is published."""

import random
from datetime import date

from datasets.language import Language
from datasets.people import draw_person
from datasets.products import draw_product
from lab_server.desk.templates.jumps import pruned
from lab_server.desk.templates.model import FieldKind, Template, TemplateField

_WORDS: dict[Language, tuple[str, str]] = {
    "zh-CN": ("示例内容", "客户说机器一开就响，想尽快修好。"),
    "en": ("An example", "The customer says it is noisy and wants it repaired soon."),
}


def sample(template: Template, language: Language, rng: random.Random, today: date) -> dict[str, str]:
    """One made person's answers, those that the form would ask for."""
    person = draw_person(rng, language)
    fixed = {
        FieldKind.TEXT: _WORDS[language][0],
        FieldKind.LONG_TEXT: _WORDS[language][1],
        FieldKind.NAME: person.name,
        FieldKind.MONEY: "128.50",
        FieldKind.DATE: today.isoformat(),
        FieldKind.TIME: "14:30",
        FieldKind.YES_NO: rng.choice(("yes", "no")),
        FieldKind.PHONE: person.phone,
        FieldKind.ID_NUMBER: "11010519491231002X",  # the example of GB 11643-1999
        FieldKind.ADDRESS: person.address.text,
        FieldKind.CUSTOMER: "",
        FieldKind.PRODUCT: draw_product(rng, language).sku,
    }
    answers = {field.key: _answer(field, fixed, rng) for field in template.fields}
    return pruned(template, {key: value for key, value in answers.items() if value})


def _answer(field: TemplateField, fixed: dict[FieldKind, str], rng: random.Random) -> str:
    if field.choices:
        return rng.choice(field.choices).code
    if field.kind is FieldKind.NUMBER:
        low = int(field.low) if field.low is not None else 1
        high = int(field.high) if field.high is not None else low + 9
        return str(rng.randint(min(low, high), max(low, high)))
    return fixed[field.kind][: field.longest]
