"""An offline bundle is used whole, checked and on the machine it was made for, or not at all."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from tools.bundle import BundleError, open_bundle, write_bundle


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "gathered"
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels/a-1-py3-none-any.whl").write_bytes(b"wheel" * 1000)
    (folder / "debian/asterisk").mkdir(parents=True)
    (folder / "debian/asterisk/manifest.json").write_text("{}")
    made = tmp_path / "bundle.tar"
    write_bundle(folder, made)
    return made


def rewrite(file: Path, change: dict[str, bytes]) -> None:
    """Replace or add members of the archive, the manifest left as it is unless it is among them."""
    with tarfile.open(file) as old:
        members = {entry.name: (old.extractfile(entry) or io.BytesIO()).read() for entry in old.getmembers()}
    with tarfile.open(file, "w") as new:
        for name, data in (members | change).items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            new.addfile(entry, io.BytesIO(data))


def manifest(file: Path) -> dict[str, object]:
    with tarfile.open(file) as archive:
        content = archive.extractfile("manifest.json")
        assert content is not None
        return dict(json.loads(content.read()))


def test_what_was_packed_comes_out(file: Path, tmp_path: Path) -> None:
    bundle = open_bundle(file, tmp_path / "var")
    assert (bundle.wheels / "a-1-py3-none-any.whl").read_bytes() == b"wheel" * 1000
    assert (bundle.asterisk / "manifest.json").read_text() == "{}"
    assert open_bundle(file, tmp_path / "var") == bundle


def test_it_says_nothing_about_who_made_it(file: Path) -> None:
    with tarfile.open(file) as archive:
        assert {(entry.uid, entry.uname, entry.gname) for entry in archive.getmembers()} == {(0, "", "")}


def test_a_changed_file_is_refused_and_nothing_is_left(file: Path, tmp_path: Path) -> None:
    rewrite(file, {"wheels/a-1-py3-none-any.whl": b"other"})
    with pytest.raises(BundleError, match=r"a-1-py3-none-any\.whl .* damaged"):
        open_bundle(file, tmp_path / "var")
    assert list((tmp_path / "var/bundle").iterdir()) == []


def test_an_added_file_is_refused(file: Path, tmp_path: Path) -> None:
    rewrite(file, {"wheels/b.whl": b"x"})
    with pytest.raises(BundleError, match="not to be trusted"):
        open_bundle(file, tmp_path / "var")


def test_a_file_outside_is_refused(file: Path, tmp_path: Path) -> None:
    listed = manifest(file) | {"files": {"../../owned": "0"}}
    rewrite(file, {"manifest.json": json.dumps(listed).encode(), "../../owned": b"x"})
    with pytest.raises(BundleError, match="outside itself"):
        open_bundle(file, tmp_path / "var")


def test_a_copy_cut_short_is_refused(file: Path, tmp_path: Path) -> None:
    file.write_bytes(file.read_bytes()[:3000])
    with pytest.raises(BundleError, match="copy"):
        open_bundle(file, tmp_path / "var")


def test_another_machines_bundle_is_refused(file: Path, tmp_path: Path) -> None:
    rewrite(file, {"manifest.json": json.dumps(manifest(file) | {"machine": "riscv64"}).encode()})
    with pytest.raises(BundleError, match="made for linux riscv64"):
        open_bundle(file, tmp_path / "var")


@pytest.mark.parametrize("content", [b"", b"no archive at all"])
def test_what_is_no_bundle_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.tar"
    file.write_bytes(content)
    with pytest.raises(BundleError):
        open_bundle(file, tmp_path / "var")


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="make bundle"):
        open_bundle(tmp_path / "none.tar", tmp_path / "var")
