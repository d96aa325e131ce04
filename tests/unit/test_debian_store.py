"""Fetched packages are trusted only while their sums are right; a package is unpacked whole or not at all."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from telephony.debian.errors import UntrustedError
from telephony.debian.store import PackageStore, sha256
from telephony.debian.unpack import unpack

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="makes packages with dpkg-deb")


def make_deb(folder: Path, name: str = "hello", content: str = "hello") -> Path:
    tree = folder / f"{name}.tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: test <test@example.org>\nDescription: test\n"
    )
    (tree / "usr/share").mkdir(parents=True)
    (tree / "usr/share" / name).write_text(content)
    package = folder / f"{name}_1_all.deb"
    subprocess.run(["dpkg-deb", "--build", str(tree), str(package)], check=True, capture_output=True)
    shutil.rmtree(tree)
    return package


@pytest.fixture
def store(tmp_path: Path) -> PackageStore:
    folder = tmp_path / "packages"
    folder.mkdir()
    packages = [make_deb(folder, "hello"), make_deb(folder, "other")]
    made = PackageStore(folder)
    made.write_manifest({package.name: sha256(package) for package in packages})
    return made


@needs_dpkg
def test_sound_packages_unpack(store: PackageStore, tmp_path: Path) -> None:
    unpack(store.packages(), tmp_path / "tree")
    assert (tmp_path / "tree/usr/share/hello").read_text() == "hello"
    assert (tmp_path / "tree/usr/share/other").read_text() == "hello"


@needs_dpkg
def test_one_flipped_byte_is_noticed(store: PackageStore) -> None:
    package = store.folder / "other_1_all.deb"
    data = bytearray(package.read_bytes())
    data[len(data) // 2] ^= 1
    package.write_bytes(data)
    assert store.damaged() == ["other_1_all.deb"]
    with pytest.raises(UntrustedError, match=r"other_1_all\.deb is missing or damaged"):
        store.packages()


@needs_dpkg
def test_a_download_cut_short_is_thrown_away_and_a_sound_one_kept(store: PackageStore) -> None:
    package = store.folder / "other_1_all.deb"
    package.write_bytes(package.read_bytes()[:100])
    store.discard_damaged(store.manifest())
    assert sorted(path.name for path in store.folder.glob("*.deb")) == ["hello_1_all.deb"]


@needs_dpkg
def test_a_missing_package_is_named(store: PackageStore) -> None:
    (store.folder / "hello_1_all.deb").unlink()
    with pytest.raises(UntrustedError, match=r"hello_1_all\.deb"):
        store.packages()


def test_an_empty_store_has_no_packages(tmp_path: Path) -> None:
    assert PackageStore(tmp_path).packages() == []


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"packages": []}', '{"packages": {"../x.deb": "0"}}'])
def test_a_damaged_manifest_is_refused(tmp_path: Path, damage: str) -> None:
    (tmp_path / "manifest.json").write_text(damage)
    with pytest.raises(UntrustedError, match="delete"):
        PackageStore(tmp_path).packages()


def test_the_manifest_names_every_sum(tmp_path: Path) -> None:
    PackageStore(tmp_path).write_manifest({"b_1_all.deb": "2", "a_1_all.deb": "1"})
    text = json.loads((tmp_path / "manifest.json").read_text())
    assert text == {"packages": {"a_1_all.deb": "1", "b_1_all.deb": "2"}}


@needs_dpkg
def test_a_package_that_is_none_leaves_nothing_behind(store: PackageStore, tmp_path: Path) -> None:
    bad = store.folder / "bad_1_all.deb"
    bad.write_bytes(b"no package")
    with pytest.raises(UntrustedError, match=r"bad_1_all\.deb can't be unpacked"):
        unpack([*store.packages(), bad], tmp_path / "tree")
    assert not (tmp_path / "tree").exists()
