"""Phone numbers as the desk keeps them: as dialled, and as one spelling that all others lead to."""

from datasets.numbers import BadNumberError, NumberRanges, normalise

_SHORTEST = 7  # what is shorter is an extension or a service number, which has no E.164 form


def e164(dialled: str) -> str:
    """`163 0000 0001`, `+86-163…`, `0086163…` → `+8616300000001`; empty for what has no E.164 form."""
    try:
        bare = normalise(dialled)
    except BadNumberError:
        return ""
    if bare.startswith("+"):
        return bare
    if bare.startswith("00"):
        return f"+{bare[2:]}"
    subscriber = bare.removeprefix("0")  # the trunk prefix before an area code is dialled only inside the country
    return f"+86{subscriber}" if len(subscriber) >= _SHORTEST else ""


def spelling(dialled: str) -> str:
    """The one spelling by which a customer is found: E.164 where there is one, else the text without spaces."""
    return e164(dialled) or "".join(dialled.split())


def identity(dialled: str) -> str:
    """The spelling by which a caller is known again; empty for who hides the number (`anonymous`, nothing)."""
    found = spelling(dialled)
    return found if any(character.isdecimal() for character in found) else ""


def is_virtual(dialled: str, prefixes: tuple[str, ...] | list[str]) -> bool:
    """Whether a number, however it is spelled, begins with one of the virtual customers' prefixes."""
    return NumberRanges(prefixes=tuple(prefixes)).is_virtual(dialled)
