"""Where in a form a refusal belongs, and what to say beside the field. The desk's own texts are English."""

from lab_server.desk.errors import BadValueError, DeskError
from lab_server.i18n import Translator
from web.refusals import sentence

FORM = "form"
"""In place of a field: the refusal is about all of it."""


def beside(say: Translator, error: DeskError, names: frozenset[str]) -> dict[str, str]:
    """Field → what is wrong with it. `names`: the form's fields; what is about none of them is about the form."""
    _ = say.gettext
    if not isinstance(error, BadValueError):
        return {FORM: sentence(say, error)}
    text = str(error)
    name = text.partition(":")[0].strip()
    field = name if name in names else FORM
    if "too many" in text or "at most" in text:
        said = _("This is too long.")
    elif "the character" in text:
        said = _("There is a character in it that cannot be kept: type it again.")
    elif "this is empty" in text or "needs one" in text:
        said = _("Write something here.")
    elif "whole number" in text:
        said = _("A whole number, with a minus for fewer.")
    elif "a price is" in text:
        said = _("A price is written as 129.00.")
    elif "a moment is" in text:
        said = _("A moment is written as 2026-11-22T16:30.")
    elif "choose one of those" in text:
        said = _("Nobody or more than one fits: choose one, or leave it empty.")
    elif "quantity or a kind" in text:
        said = _("Something is missing in a line: see there.")
    elif "nothing is ordered" in text:
        said = _("Nothing is ordered yet: write a product into the first line.")
    elif "no digits" in text:
        said = _("A number that can be rung has digits in it.")
    else:
        said = sentence(say, error)
    return {field: said}
