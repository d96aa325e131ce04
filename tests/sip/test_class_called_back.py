"""A virtual customer who is called back answers at its number, and a robot that is sent a caller serves it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from class_lab import Caller, ClassLab, until, voices

from lab_server.floor.api.messages import DoOnFloor, FloorAnswer
from lab_server.store.tables import Attempt, Case

pytestmark = [pytest.mark.sip, pytest.mark.timeout(240)]
__all__ = ["voices"]


async def do(lab: ClassLab, seat: str, **command: Any) -> dict[str, Any]:
    """A command to the floor over the bus, as the web sends it; the customer's worker may have to start."""
    message = DoOnFloor(user_id="0" * 26, name="test", role="supervisor", site_id=lab.site, seat=seat, command=command)
    answer = (await lab.ask("brain", message, FloorAnswer, 15.0)).answer
    assert answer.ok, answer
    return answer.result


async def talking(lab: ClassLab, seat: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The contact that talks, once there is one, and the floor as it is then."""
    async with asyncio.timeout(60):
        while True:
            state = await do(lab, seat, do="state")
            for contact in state["contacts"]:
                if contact["stage"] == "talking":
                    return contact, state
            await asyncio.sleep(0.1)


async def test_a_customer_is_called_back_and_a_sent_on_caller_is_served(asterisk_tree: Path, voices: Path) -> None:
    async with ClassLab(asterisk_tree, voices) as lab:
        lab.launch([Caller(1.0), Caller(30.0, asks=2)], ("perfect",) * 3)
        await lab.start()
        await lab.begin()
        await until(lambda: any(one.status == "ended" for one in lab.rows(Attempt)), 60, "the first caller was served")
        (first,) = [one for one in lab.rows(Attempt) if one.status == "ended"]
        seat = next(seat for seat, state in lab.agents().items() if state == "ready")
        number = lab.contact(first.id).caller_dialled
        called = (await do(lab, seat, do="dial", numbers=[number]))["contact"]
        attempt = await until(
            lambda: next((one for one in lab.rows(Attempt) if one.id == called and one.status == "ended"), None),
            60, "the call back is over",
        )  # fmt: skip
        assert (attempt.outcome, attempt.number, attempt.case_id) == ("completed", 101, first.case_id)
        contact = lab.contact(called)
        assert (contact.direction, contact.outcome, contact.mode) == ("out", "served", "training")
        assert len([case for case in lab.rows(Case) if case.status == "done"]) == 1

        talk, state = await talking(lab, seat)
        sender = talk["seat"]
        taker = next(agent["seat"] for agent in state["agents"] if agent["state"] == "ready")
        await do(lab, sender, do="transfer", contact=talk["contact"], to=f"seat:{taker}")
        await until(lambda: lab.agents()[taker] == "talking", 30, "the colleague has it")
        ended = await lab.over(90)
        assert ended.status == "ended"
        assert lab.contact(talk["contact"]).outcome == "served"
        assert {case.status for case in lab.rows(Case)} == {"done"}
