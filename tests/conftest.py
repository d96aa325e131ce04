"""Fixtures that every test folder may use."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from private_pbx import pbx_settings, start_pbx

from lab_server.config import load
from telephony.asterisk.errors import PbxBusyError
from telephony.asterisk.install import install, sources
from telephony.asterisk.process import Pbx

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def asterisk_tree() -> Path:
    """The installed Asterisk: `var/pbx/tree` of this checkout, got now if it is not there."""
    home = ROOT / "var/pbx"
    given = load().asterisk
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _installed(home, Path(given) if given else None)).result()


async def _installed(home: Path, given: Path | None) -> Path:
    """Another test process may be looking at it in this very moment: then ours comes after it."""
    async with asyncio.timeout(300):
        while True:
            try:
                return (await install(home, sources(home, given))).tree.root
            except PbxBusyError:
                await asyncio.sleep(0.2)


@pytest.fixture(scope="session")
def pbx(asterisk_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pbx]:
    """A running private PBX for the whole test session, on free ports, in a fresh folder.

    `pbx.settings` (PbxSettings) says everything: `sip_address`/`sip_port` for phones, `lab_address`/`lab_port` for
    callers (who must send from `lab_peer`, 127.0.0.2), `ari_url`, `ari_user`, `ari_password`, `ami_port`, `ami_user`,
    `ami_password`, `seats` (1001…1012 with their passwords), `queues` (complaint, order), `recordings`, `prompts`,
    `music`. Every prompt of `datasets.prompts` is a tone of 0.3 s (440 Hz; `one-moment` 600 Hz, `call-later` 800 Hz)
    in both languages, with `agent-1001` and so on for the seats; the music is a tone of 300 Hz.

    It is shared: leave no channel, bridge or registration behind that another test could trip over, and don't stop it.
    A test that needs to kill a PBX makes its own with `make_pbx`.
    """
    with ThreadPoolExecutor(1) as thread:  # a loop of its own, whatever loop the tests have
        pbx = start_pbx(asterisk_tree, tmp_path_factory.mktemp("pbx"), thread)
        yield pbx
        thread.submit(asyncio.run, pbx.stop(grace_s=2)).result()


@pytest.fixture
def make_pbx(asterisk_tree: Path, tmp_path: Path) -> Iterator[Callable[[], Pbx]]:
    """A function that makes a PBX of the test's own (not started), with settings like `pbx`'s; stopped at the end."""
    made: list[Pbx] = []

    def make() -> Pbx:
        made.append(Pbx(pbx_settings(asterisk_tree, tmp_path / f"pbx{len(made)}")))
        return made[-1]

    yield make
    with ThreadPoolExecutor(1) as thread:
        for pbx in made:
            thread.submit(asyncio.run, pbx.stop(grace_s=1)).result()
