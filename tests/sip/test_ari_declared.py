"""All we ask of ARI and AMI, held against what the running server itself declares."""

import re
from collections.abc import AsyncIterator

import pytest

from telephony.ami import actions as act
from telephony.ami.client import AmiClient
from telephony.ari import declared
from telephony.ari import operations as op
from telephony.ari.operations import Operation
from telephony.ari.rest import Rest
from telephony.asterisk.process import Pbx
from telephony.clock import SystemClock

pytestmark = pytest.mark.sip


@pytest.fixture
async def rest(pbx: Pbx) -> AsyncIterator[Rest]:
    """The server serves its own description from its data folder, if that is there."""
    description = pbx.settings.data_folder / "rest-api"
    if not description.exists():
        description.symlink_to(pbx.settings.tree / "usr/share/asterisk/rest-api")
    rest = Rest(pbx.settings.ari_url, pbx.settings.ari_user, pbx.settings.ari_password)
    yield rest
    await rest.close()


async def test_the_server_declares_and_serves_every_operation_we_use(rest: Rest) -> None:
    assert await declared.missing(rest) == []


async def test_what_the_server_lacks_is_named(rest: Rest) -> None:
    """The check can fail: an unknown path, an unknown parameter, and one that is described but not loaded."""
    problems = await declared.missing(
        rest,
        [
            Operation("GET", "/channels/{channelId}/mood"),
            Operation("POST", "/channels/{channelId}/answer", frozenset({"softly"})),
            Operation("GET", "/mailboxes"),
        ],
    )
    assert [problem.split(": ")[1] for problem in problems] == [
        "the server does not describe it",
        "the server knows no parameter softly",
        "described, but the server does not serve it (is its module loaded?)",
    ]


def test_the_table_covers_more_than_a_few() -> None:
    """Guards the guard: an empty table would agree with every server."""
    assert op.CHANNEL_ORIGINATE in op.ALL and op.BRIDGE_ADD in op.ALL and len(op.ALL) > 40


async def test_the_server_has_every_ami_action_with_the_headers_we_send(pbx: Pbx) -> None:
    settings = pbx.settings
    async with AmiClient(
        "127.0.0.1", settings.ami_port, settings.ami_user, settings.ami_password, SystemClock()
    ) as ami:
        commands = await ami.list_commands()
    lacking = [action.name for action in act.ALL if action.name not in commands and action is not act.LOGIN]
    assert lacking == []
    for action in act.ALL:
        described = await pbx.console(f"manager show command {action.name}")
        syntax = described.partition("[Syntax]")[2].partition("[Arguments]")[0]
        known = set(re.findall(r"^\s*\[?(\w+):", syntax, re.MULTILINE))
        if action is act.LOGIN:
            known |= {"Username", "Secret", "Events"}  # its own description names only the id
        assert action.headers <= known, f"{action.name}: the server knows no {action.headers - known}"
