"""What the editors of forms and surveys call things, and what is wrong in them, in the reader's language."""

from collections.abc import Sequence

from datasets.language import LANGUAGES, Language
from lab_server.desk.templates.hanging import Hanging
from lab_server.desk.templates.model import FieldKind, TemplateField
from lab_server.i18n import Translator
from scenarios.facts import Localised


def in_words(text: Localised, language: Language) -> str:
    """In the reader's language, else in the other one."""
    return next((text[one] for one in (language, *LANGUAGES) if text.get(one)), "")


def kinds(say: Translator) -> dict[str, str]:
    """The kinds of field, in the order they are offered."""
    _ = say.gettext
    return {
        FieldKind.TEXT: _("short text"), FieldKind.LONG_TEXT: _("long text"), FieldKind.CHOICE: _("one of several"),
        FieldKind.MULTI_CHOICE: _("several of several"), FieldKind.YES_NO: _("yes or no"),
        FieldKind.NUMBER: _("number"), FieldKind.MONEY: _("amount of money"), FieldKind.DATE: _("date"),
        FieldKind.TIME: _("time of day"), FieldKind.NAME: _("name"), FieldKind.PHONE: _("phone number"),
        FieldKind.ID_NUMBER: _("ID number"), FieldKind.ADDRESS: _("address"), FieldKind.CUSTOMER: _("customer"),
        FieldKind.PRODUCT: _("product"),
    }  # fmt: skip


def operators(say: Translator) -> dict[str, str]:
    """How an earlier answer is looked at."""
    _ = say.gettext
    return {
        "among": _("is one of"), "not_among": _("is none of"), "filled": _("is filled in"), "empty": _("is empty"),
        "at_least": _("is at least"), "at_most": _("is at most"),
    }  # fmt: skip


def forms(say: Translator) -> dict[str, str]:
    """What a template records."""
    _ = say.gettext
    return {"ticket": _("Ticket"), "order": _("Order"), "survey": _("Survey")}


def states(say: Translator) -> dict[str, str]:
    """A template's or survey's state."""
    _ = say.gettext
    return {
        "draft": _("draft"), "published": _("published"), "retired": _("retired"), "running": _("is asked now"),
        "closed": _("closed"),
    }  # fmt: skip


def fault(say: Translator, word: str) -> str:
    """A fault of one box."""
    _ = say.gettext
    known = {
        "choose": _("Choose one."),
        "title": _("Write the question, in one language at least."),
        "key": _("A key has up to 40 of a-z, 0-9 and underscore, and begins with a letter."),
        "key_twice": _("Another one has this key."),
        "choices": _("Write at least two answers, each on a line of its own."),
        "choice_title": _("An answer has no text."),
        "choice_long": _("An answer is too long, or its code has a comma."),
        "choice_twice": _("Two answers are the same."),
        "low_high": _("The highest is below the lowest."),
        "number": _("Write a number, such as 12."),
        "whole_99": _("Write a whole number from 1 to 99."),
        "whole_2000": _("Write a whole number from 1 to 2000."),
        "values": _("Write which answer, or which number."),
        "text": _("This is too long, or has a character that cannot be kept."),
    }
    return known.get(word, word)


def hangs(say: Translator, one: Hanging, fields: Sequence[TemplateField], language: Language) -> str:
    """Why fields cannot be so."""
    _ = say.gettext
    titles = {field.key: in_words(field.title, language) for field in fields}
    texts = {
        "jump": _("“{field}” jumps to “{other}”, which would not come after it."),
        "rule": _("“{field}” is asked by the answer to “{other}”, which would not come before it."),
        "lesson": _("“{field}” would be asked in an earlier lesson than “{other}”, on which it hangs."),
    }
    return texts[one.why].format(field=titles.get(one.field, one.field), other=titles.get(one.other, one.other))
