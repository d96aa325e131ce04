"""What may be written down: no PIN, no card number, nothing the database would refuse."""

import math
import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "***"
_SECRET_WORDS = frozenset({"pin", "pins", "card", "cards", "cvv", "cvc", "password", "passwd", "secret", "token"})
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){13,18}(?!\d)")


def clean(value: Any, key: str = "") -> Any:
    """`value` as JSON may hold it, with everything under a secret's name and every card number replaced by `***`."""
    if _SECRET_WORDS.intersection(word.lower() for word in _WORDS.findall(key)):
        return HIDDEN
    if isinstance(value, Mapping):
        return {clean_text(str(name)): clean(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return clean_text(str(value))


def clean_text(text: str) -> str:
    """`text` without card numbers, and without what is no UTF-8 or what PostgreSQL cannot keep."""
    kept = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return _CARD.sub(lambda found: HIDDEN if _is_card(found[0]) else found[0], kept)


def _is_card(text: str) -> bool:
    """The check digit of ISO/IEC 7812-1 (Luhn)."""
    digits = [int(character) for character in text if character.isdigit()][::-1]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[0::2]) + sum(doubled)) % 10 == 0
