"""A phone is rung before its caller's channel says so: whoever takes the contact up in between knows that it rings."""

import json
from typing import Any

from lab_server.floor.adoption import findings
from lab_server.floor.call import Place, Stage
from telephony.ari import Bridge, Channel
from telephony.clock import SystemClock

CONTACT = "01M823FMF4QMH36P18JDW1CEAB"


def channel(leg: str, state: str, stage: str, **notes: str) -> Channel:
    return Channel.from_json(
        {
            "id": CONTACT if leg == "customer" else f"{CONTACT}-{leg}",
            "name": f"PJSIP/{leg}",
            "state": state,
            "caller": {"name": "", "number": "16300000001"},
            "connected": {"name": "", "number": ""},
            "accountcode": "",
            "dialplan": {"context": "door", "exten": "s", "priority": 1, "app_name": "Stasis", "app_data": ""},
            "creationtime": "2026-11-22T09:00:00.000+0000",
            "language": "en",
            "channelvars": {
                "RS_CONTACT": CONTACT, "RS_ROLE": leg.partition("-")[0], "RS_LEG": leg, "RS_DIRECTION": "in",
                "RS_STAGE": stage, "RS_NOTE": json.dumps(notes),
            },
        }
    )  # fmt: skip


def found(*channels: Channel, rooms: tuple[Bridge, ...] = ()) -> Any:
    (finding,) = findings(channels, SystemClock(), bridges=rooms)
    return finding.call


def test_a_phone_that_rings_says_so_though_the_caller_was_greeted_last() -> None:
    call = found(
        channel("customer", "Up", "greeted"), channel("agent-1", "Ringing", "ringing", agent="1001", place="talk")
    )
    assert (call.stage, call.seat, call.offers) == (Stage.RINGING, "1001", 1)
    assert call.unheld, "it hears no music yet"


def test_an_agent_who_was_with_the_caller_is_not_taken_for_one_who_is_rung() -> None:
    call = found(channel("customer", "Up", "queued"), channel("agent-1", "Up", "talking", agent="1001", place="talk"))
    assert call.stage is Stage.QUEUED


def test_who_was_let_out_of_a_talk_for_the_rating_is_alone() -> None:
    call = found(channel("customer", "Up", "rated", place="talk", served="1"))
    assert (call.stage, call.customer.place) == (Stage.RATED, Place.ALONE)
