"""What the pages say about settings, ports, commands and files is so."""

import re
from pathlib import Path

import pytest

from lab_server.config import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_every_setting_is_in_the_table_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", README, re.MULTILINE))
    assert rows.keys() == Settings.model_fields.keys()
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, bool):
            assert rows[name] == f"`{str(default).lower()}`"
        elif isinstance(default, int | float):
            assert rows[name] == f"`{default:g}`"
        elif isinstance(default, tuple):
            assert rows[name] == (", ".join(f"`{one}`" for one in default) or "none")


def test_every_port_of_the_operations_page_is_a_default() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for port, name in re.findall(r"^\| (\d+) [A-Z][^|]*\| `(\w+)`", page, re.MULTILINE):
        assert Settings.model_fields[name].default == int(port)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\[[^]]*\]\((?!https?:)([^)#]*)(#[^)]*)?\)", page.read_text(encoding="utf-8")):
        linked = (page.parent / target) if target else page
        assert linked.exists(), f"{page.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor[1:] in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        commands = re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(commands) <= targets, page.name
