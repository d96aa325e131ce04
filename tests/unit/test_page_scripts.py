"""What setup gets from npm for the pages: pinned by its lock file, never committed, whole or not at all."""

import json
from pathlib import Path

import pytest

from tools.environment import Environment
from tools.phone import PhoneBuild

ROOT = Path(__file__).parents[2]


@pytest.fixture
def build(tmp_path: Path) -> PhoneBuild:
    source = tmp_path / "web/phone"
    source.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "jssip.entry.js"):
        (source / name).write_bytes((ROOT / "web/phone" / name).read_bytes())
    (tmp_path / "web/static/built").mkdir(parents=True)
    return PhoneBuild(tmp_path, Environment(tmp_path))


def _bundle(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def test_the_lock_names_each_package_by_its_sum_and_no_registry() -> None:
    lock = json.loads((ROOT / "web/phone/package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert {"node_modules/jssip", "node_modules/htmx.org"} <= packages.keys()
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not [name for name, entry in packages.items() if "resolved" in entry]


def test_a_bundle_brings_the_phone_and_htmx(build: PhoneBuild, tmp_path: Path) -> None:
    assert build.ensure(_bundle(tmp_path / "npm", "jssip.js", "htmx.js", "licences.txt")) == ""
    assert [file.read_text(encoding="utf-8") for file in build.files] == ["jssip.js", "htmx.js"]
    assert build.ensure(tmp_path / "no such folder") == ""  # it is there already


def test_a_bundle_without_htmx_is_refused_and_nothing_of_it_taken(build: PhoneBuild, tmp_path: Path) -> None:
    assert "bundle was made without it" in build.ensure(_bundle(tmp_path / "npm", "jssip.js"))
    assert not any(file.exists() for file in build.files)


def test_what_setup_built_here_is_whole_and_carries_its_licences() -> None:
    built = ROOT / "web/static/built"
    if not (built / "stamp").is_file():
        pytest.skip("no setup has been run in this folder")
    assert "htmx" in (built / "htmx.js").read_text(encoding="utf-8")[:400]
    texts = (built / "licences.txt").read_text(encoding="utf-8")
    assert "htmx.org\n" in texts
    assert "jssip\n" in texts
