"""Where a form may lead to afterwards: to our own pages only."""

_LONGEST = 300


def local(wanted: str, otherwise: str = "/") -> str:
    """`wanted`, if it is a path of ours; `otherwise` for another site's address in any disguise."""
    plain = wanted.isascii() and wanted.isprintable() and len(wanted) <= _LONGEST
    if not plain or not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or " " in wanted:
        return otherwise
    return wanted
