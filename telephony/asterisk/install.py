"""Where the PBX comes from: the first of several sources that gives a working one, put in place as a whole."""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from telephony.asterisk.errors import InstallFailedError, PbxBusyError, PbxError, PbxNotInstalledError
from telephony.asterisk.selftest import self_test
from telephony.asterisk.tree import MINIMUM, Tree
from telephony.debian.apt import Apt
from telephony.debian.errors import DebianError, DiskFullError
from telephony.debian.store import PackageStore
from telephony.debian.unpack import unpack

PACKAGE = "asterisk"
SUITE = "sid"
_MARKER = "ringside.json"


@dataclass(frozen=True)
class Sources:
    """What may be used, in the order of the fields; `host` and `sid` come through `apt`.

    `given`: RINGSIDE_ASTERISK. `bundle`: the unpacked bundle's folder of Asterisk packages; if it is given, nothing is
    fetched. `cache`: packages fetched before.
    """

    given: Path | None
    bundle: PackageStore | None
    cache: PackageStore
    apt: Apt


@dataclass(frozen=True)
class Installed:
    """`source`: `given`, `bundle`, `cache`, `host`, `sid`, or `already` when nothing had to be done."""

    tree: Tree
    version: tuple[int, ...]
    source: str


def sources(home: Path, given: Path | None = None, bundle: Path | None = None) -> Sources:
    """The usual places under `home` (`var/pbx`)."""
    return Sources(
        given=given,
        bundle=PackageStore(bundle) if bundle else None,
        cache=PackageStore(home / "cache" / "packages"),
        apt=Apt(home / "cache" / "apt"),
    )


async def install(
    home: Path, where: Sources, *, again: bool = False, tell: Callable[[str], None] = lambda _: None
) -> Installed:
    """Make sure that a working Asterisk is at `home/tree` (or where `given` says), and say which.

    `again` installs even if one is there. `tell` gets a line for each step. Raises PbxBusyError, InstallFailedError,
    and PbxNotInstalledError for a `given` one that does not do; what was there before is then still there.
    """
    if where.given is not None:
        tree = Tree.at(where.given)
        return Installed(tree, await self_test(tree), "given")
    with _alone(home):
        _clear_leftovers(home)
        tree = Tree(home / "tree")
        if not again and (version := _sound(tree)):
            return Installed(tree, version, "already")
        return await _from_first(home, where, tell)


async def _from_first(home: Path, where: Sources, tell: Callable[[str], None]) -> Installed:
    reasons: list[str] = []
    for name, fetch in _attempts(where, tell):
        try:
            store = await asyncio.to_thread(fetch)
            if store is None:
                continue
            tell("unpacking and trying it with one call")
            version = await _build(home, store, name)
        except DiskFullError as error:
            raise InstallFailedError(str(error)) from error
        except (DebianError, PbxError) as error:
            reasons.append(str(error))
            continue
        return Installed(Tree(home / "tree"), version, name)
    raise InstallFailedError(reasons[-1] if reasons else "there is no source for Asterisk; set RINGSIDE_ASTERISK")


def _attempts(where: Sources, tell: Callable[[str], None]) -> Iterator[tuple[str, Callable[[], PackageStore | None]]]:
    bundle = where.bundle
    if bundle is not None:
        yield "bundle", lambda: bundle if bundle.packages() else None
        return
    yield "cache", lambda: where.cache if where.cache.packages() else None
    yield "host", lambda: _from_host(where, tell)
    yield "sid", lambda: _from_suite(where, SUITE, tell)


def _from_host(where: Sources, tell: Callable[[str], None]) -> PackageStore | None:
    if not new_enough(where.apt.candidate(PACKAGE)):
        return None
    return _from_suite(where, "", tell)


def _from_suite(where: Sources, suite: str, tell: Callable[[str], None]) -> PackageStore:
    tell(
        f"fetching Asterisk from Debian {suite}".rstrip()
        if suite
        else "fetching Asterisk from this machine's own suite"
    )
    where.apt.fetch([PACKAGE], suite, where.cache)
    return where.cache


def new_enough(version: str) -> bool:
    """Whether a Debian version such as `1:22.10.1~dfsg-1` is `MINIMUM` or newer; "" is not."""
    upstream = version.rpartition(":")[2]
    numbers = []
    for part in upstream.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers) >= MINIMUM


async def _build(home: Path, store: PackageStore, source: str) -> tuple[int, ...]:
    """Unpack aside, try it with a call, and only then put it in place; the one before is kept as `tree.previous`."""
    new, current, previous = home / "tree.new", home / "tree", home / "tree.previous"
    await asyncio.to_thread(unpack, store.packages(), new)
    try:
        version = await self_test(Tree(new))
        (new / _MARKER).write_text(json.dumps({"version": version, "source": source}), encoding="utf-8")
        if current.exists():
            shutil.rmtree(previous, ignore_errors=True)
            current.rename(previous)
        new.rename(current)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return version


def _sound(tree: Tree) -> tuple[int, ...] | None:
    """The version of an installed tree; None when it is not complete or does not run."""
    if not (tree.root / _MARKER).exists():
        return None
    try:
        return tree.check_version()
    except PbxNotInstalledError:
        return None


def _clear_leftovers(home: Path) -> None:
    """What an interrupted installation left behind."""
    shutil.rmtree(home / "tree.new", ignore_errors=True)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(home / "install.lock", timeout=0):
            yield
    except Timeout as error:
        raise PbxBusyError(f"another installation is under way in {home}; wait for it to end") from error
