"""What people type, as the desk keeps it: at most so long, and nothing in it that no keyboard types."""

import unicodedata

from lab_server.desk.errors import BadValueError

_BREAKS = "\n\r\t"


def odd(text: str) -> str | None:
    """The first control character or lone surrogate, which PostgreSQL would not keep either; None: there is none."""
    return next((one for one in text if unicodedata.category(one) in {"Cc", "Cs"} and one not in _BREAKS), None)


def typed(name: str, text: str, longest: int, *, lines: bool = False, needed: bool = False) -> str:
    """`text` without blanks around it, on one line unless `lines`. Raises `BadValueError` that names the field."""
    if len(text) > 2 * longest + 1000:  # not worth looking at
        raise BadValueError(f"{name}: {len(text)} characters are too many: at most {longest} can be kept")
    kept = text.strip() if lines else " ".join(text.split())
    if len(kept) > longest:
        raise BadValueError(f"{name}: {len(kept)} characters are too many: at most {longest} can be kept")
    if (found := odd(kept)) is not None:
        raise BadValueError(f"{name}: the character U+{ord(found):04X} cannot be kept: type the text again")
    if needed and not kept:
        raise BadValueError(f"{name}: this is empty: write something")
    return kept
