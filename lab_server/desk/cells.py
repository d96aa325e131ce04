"""Cells of a sheet that goes out: none of them may be taken for a formula by who opens it."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


def harmless(text: str) -> str:
    """The text, with an apostrophe before it if it could be one."""
    return f"'{text}" if text.startswith(FORMULA) else text
