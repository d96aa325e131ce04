"""Every key that the desk obeys is on its list of keys, and every key on the list is obeyed."""

import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"
READ = ("static/desk/page.js", "static/desk/keys.js", "static/records/beside.js")


def obeyed() -> set[str]:
    """As the list spells them: `F2`, `Alt R`, `Esc`."""
    script = "".join((WEB / name).read_text(encoding="utf-8") for name in READ)
    links = "".join(path.read_text(encoding="utf-8") for path in (WEB / "templates").rglob("*.html"))
    letters = re.findall(r"\bKey([A-Z])\b", script) + re.findall(r'data-letter="Key([A-Z])"', links)
    others = {"Esc"} if '"Escape"' in script else set()
    if 'event.key === "?"' in script:
        others.add("?")
    return {f"Alt {letter}" for letter in letters} | set(re.findall(r"\bF\d\b", script)) | others


def test_the_list_of_keys_is_whole_and_true() -> None:
    listed = re.findall(r'line\("([^"]+)",', (WEB / "templates/desk/keys.html").read_text(encoding="utf-8"))
    assert {key for key in listed if not key.startswith("Alt Shift")} == obeyed()
    assert len(obeyed()) > 20
