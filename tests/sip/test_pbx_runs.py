"""The private PBX as a process: it starts, answers, dies, comes back; real processes on real ports."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from telephony.asterisk.errors import PbxBusyError, PbxNotInstalledError, PbxNotRunningError, PortTakenError
from telephony.asterisk.process import Pbx

pytestmark = pytest.mark.sip


async def test_it_starts_says_so_and_stops(make_pbx: Callable[[], Pbx]) -> None:
    pbx = make_pbx()
    assert not pbx.status().running
    pid = await pbx.start()
    assert pbx.status().pid == pid
    assert "ringside" in await pbx.console("core show settings")
    await pbx.stop()
    assert not pbx.status().running
    await pbx.stop()  # nothing to do is no error


async def test_it_starts_without_a_complaint(make_pbx: Callable[[], Pbx]) -> None:
    """Every module in our list loads, every config file is understood."""
    pbx = make_pbx()
    await pbx.start()
    log = (pbx.settings.log_folder / "messages.log").read_text()
    assert [line for line in log.splitlines() if "ERROR" in line or "WARNING" in line] == []


async def test_a_second_start_takes_the_running_one_over(make_pbx: Callable[[], Pbx]) -> None:
    first = make_pbx()
    pid = await first.start()
    assert await Pbx(first.settings).start() == pid


async def test_a_changed_configuration_asks_for_a_restart(make_pbx: Callable[[], Pbx]) -> None:
    old = make_pbx()
    pid = await old.start()
    new = Pbx(old.settings.model_copy(update={"call_limit_s": 600}))
    assert new.status().stale
    with pytest.raises(PbxBusyError, match="another configuration"):
        await new.start()
    assert old.status().pid == pid
    assert await new.start(replace=True) != pid
    assert not new.status().stale


async def test_its_death_is_noticed_and_it_can_be_started_again(make_pbx: Callable[[], Pbx]) -> None:
    pbx = make_pbx()
    first = await pbx.start()
    death = asyncio.create_task(pbx.wait())
    os.kill(first, signal.SIGKILL)
    await asyncio.wait_for(death, 5)
    assert not pbx.status().running
    second = await asyncio.wait_for(pbx.start(), 5)
    assert second != first
    assert "System uptime" in await pbx.console("core show uptime")


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ("sip_port", socket.SOCK_DGRAM),
        ("sip_port", socket.SOCK_STREAM),
        ("lab_port", socket.SOCK_DGRAM),
        ("http_port", socket.SOCK_STREAM),
        ("ami_port", socket.SOCK_STREAM),
    ],
)
async def test_a_taken_port_is_named_with_its_setting(
    make_pbx: Callable[[], Pbx], setting: str, kind: socket.SocketKind
) -> None:
    pbx = make_pbx()
    port = getattr(pbx.settings, setting)
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            other.listen()
        with pytest.raises(PortTakenError, match=rf"{port}.*{setting}"):
            await pbx.start()
        assert not pbx.status().running
    await pbx.start()  # free again: it starts


async def test_an_address_of_another_machine_is_refused(make_pbx: Callable[[], Pbx]) -> None:
    pbx = make_pbx()
    with pytest.raises(PortTakenError, match=r"192\.0\.2\.1 \(sip_address\) is no address of this machine"):
        await Pbx(pbx.settings.model_copy(update={"sip_address": "192.0.2.1"})).start()


async def test_without_an_asterisk_it_says_how_to_get_one(make_pbx: Callable[[], Pbx], tmp_path: Path) -> None:
    pbx = Pbx(make_pbx().settings.model_copy(update={"tree_folder": tmp_path / "nothing"}))
    with pytest.raises(PbxNotInstalledError, match="ringside pbx install"):
        await pbx.start()


async def test_the_console_of_a_stopped_pbx_says_how_to_start_it(make_pbx: Callable[[], Pbx]) -> None:
    with pytest.raises(PbxNotRunningError, match="ringside pbx start"):
        await make_pbx().console("core show uptime")


async def test_a_stale_pid_file_of_another_program_is_not_believed(make_pbx: Callable[[], Pbx]) -> None:
    pbx = make_pbx()
    await pbx.start()
    await pbx.stop()
    (pbx.settings.run_folder / "asterisk.pid").write_text(str(os.getpid()))
    assert not pbx.status().running
    await pbx.stop()  # must not end this test's own process
    await pbx.start()


async def test_nobody_else_can_read_its_passwords(make_pbx: Callable[[], Pbx]) -> None:
    pbx = make_pbx()
    await pbx.start()
    assert pbx.settings.etc.stat().st_mode & 0o077 == 0
    assert pbx.settings.run_folder.stat().st_mode & 0o077 == 0
