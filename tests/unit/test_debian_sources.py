"""The mirror comes from the machine's own apt sources, in either format, and from nowhere else."""

from pathlib import Path

import pytest

from telephony.debian.errors import NoAptError
from telephony.debian.sources import Source, mirror_of, parse_deb822, parse_list, read_sources

MIRROR = "http://mirror.example"
DEB822 = f"""\
# a comment
Types: deb deb-src
URIs: {MIRROR}/debian/
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: {MIRROR}/debian-security
Suites: bookworm-security
Components: main
"""


def test_a_paragraph_names_suites_and_components() -> None:
    first, second = parse_deb822(DEB822)
    assert first == Source(
        "http://mirror.example/debian/",
        ("bookworm", "bookworm-updates"),
        ("main", "contrib"),
        Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    )
    assert second.suites == ("bookworm-security",)


def test_fields_may_go_on_in_the_next_line_and_ignore_case() -> None:
    (source,) = parse_deb822("types: deb\nuris:\n http://a.example/debian\nSUITES: sid\nComponents: main\n")
    assert source.uri == "http://a.example/debian"


@pytest.mark.parametrize("switch", ["Enabled: no", "Enabled: No", "Enabled: false"])
def test_a_paragraph_switched_off_does_not_count(switch: str) -> None:
    assert parse_deb822(f"{switch}\nTypes: deb\nURIs: {MIRROR}/debian\nSuites: sid\n") == []


def test_source_packages_do_not_count() -> None:
    assert parse_deb822(f"Types: deb-src\nURIs: {MIRROR}/debian\nSuites: sid\n") == []
    assert parse_list("deb-src http://a.example/debian sid main\n") == []


def test_a_key_inside_the_paragraph_is_no_keyring_file() -> None:
    text = f"Types: deb\nURIs: {MIRROR}/debian\nSuites: sid\nSigned-By:\n -----BEGIN PGP\n .\n abc\n"
    assert parse_deb822(text)[0].signed_by is None


def test_a_line_with_options_and_a_comment() -> None:
    (source,) = parse_list(
        "# old\n\ndeb [arch=amd64 signed-by=/k.gpg] https://a.example/debian bookworm main contrib # here\n"
    )
    assert source == Source("https://a.example/debian", ("bookworm",), ("main", "contrib"), Path("/k.gpg"))


@pytest.mark.parametrize(
    "line", ["deb", "deb http://a.example", "deb cdrom:[Debian 12 Disc]/ bookworm main", "rubbish"]
)
def test_a_malformed_line_is_left_out(line: str) -> None:
    assert parse_list(line + "\n") == []


def test_both_formats_are_read_in_apts_order(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://one.example/other stable main\n")
    (parts / "b.list").write_text("deb http://three.example/debian bookworm main\n")
    (parts / "a.sources").write_text(DEB822)
    (parts / "ignored.save").write_text("deb http://no.example/debian bookworm main\n")
    found = read_sources(tmp_path)
    assert [source.uri.split("/")[2] for source in found] == [
        "one.example",
        "mirror.example",
        "mirror.example",
        "three.example",
    ]
    assert mirror_of(found).uri == "http://mirror.example/debian"


def test_a_mirror_list_file_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "mirrors").write_text("# ours\nhttps://a.example/debian\tpriority:1\n")
    source = Source(f"mirror+file:{tmp_path}/mirrors", ("bookworm",), ("main",))
    assert mirror_of([source]).uri == "https://a.example/debian"


def test_security_and_other_distributions_are_no_mirror() -> None:
    others = parse_list("deb http://a.example/debian-security s main\ndeb http://b.example/ubuntu noble main\n")
    with pytest.raises(NoAptError, match=r"BUNDLE=file.*RINGSIDE_ASTERISK"):
        mirror_of(others)


def test_no_sources_at_all(tmp_path: Path) -> None:
    assert read_sources(tmp_path) == []
