"""The brain dies while callers are on hold, asked about, parked, as three, or in a conference: nobody is moved."""

import signal
from pathlib import Path
from typing import Any

import pytest
from class_lab import Caller, ClassLab, until, voices

from lab_server.floor.api.messages import DoOnFloor, FloorAnswer
from telephony.useragent.messages import Brief

pytestmark = [pytest.mark.sip, pytest.mark.timeout(240)]
__all__ = ["voices"]
SEATS, MEMBERS = 9, 3


class Desks:
    """Commands to the floor over the bus, as the web sends them."""

    def __init__(self, lab: ClassLab) -> None:
        self._lab = lab

    async def do(self, seat: str, **command: Any) -> dict[str, Any]:
        message = DoOnFloor(
            user_id="0" * 26, name="test", role="supervisor", site_id=self._lab.site, seat=seat, command=command
        )
        answer = (await self._lab.ask("brain", message, FloorAnswer, 8.0)).answer
        assert answer.ok, answer
        return answer.result

    async def state(self) -> dict[str, Any]:
        return await self.do("1001", do="state")

    async def picture(self) -> dict[str, tuple[str, frozenset[tuple[str, str, bool]]]]:
        """Contact → its stage, and who is where, muted or not."""
        return {
            one["contact"]: (one["stage"], frozenset((leg["leg"], leg["place"], leg["muted"]) for leg in one["legs"]))
            for one in (await self.state())["contacts"]
        }

    async def conference(self, seats: list[str]) -> str:
        """Called from the first of these seats, whose owner asks himself and the others, and mutes the last."""
        contact = str((await self.do(seats[0], do="open_conference", title="deaths"))["contact"])
        for seat in seats:
            listens = {"part": "script", "steps": [{"listen": True}], "begin": "answered"}
            await self._lab.tell(Brief(seat=seat, contact=contact, conversation=listens, answer_after_s=0.2))
            await self.do(seats[0], do="invite", contact=contact, to=f"seat:{seat}")
        await self._lab.until_async(lambda: self.inside(contact, len(seats)), 20, "all have come")
        await self.do(seats[0], do="mute_member", contact=contact, leg=f"member-{len(seats)}")
        return contact

    async def inside(self, contact: str, count: int) -> bool:
        stage, legs = (await self.picture())[contact]
        return stage == "conference" and [place for _, place, _ in legs] == ["talk"] * count


async def test_every_arrangement_outlives_the_brain(asterisk_tree: Path, voices: Path) -> None:
    async with ClassLab(asterisk_tree, voices, settings={"seats": SEATS}) as lab:
        callers = [Caller(1.0 + index * 0.3, asks=2) for index in range(4)]
        lab.launch(callers, ("perfect",) * SEATS)
        await lab.start()
        await lab.begin()
        await until(lambda: len(lab.talking()) == 4, 60, "four calls talk")
        desks = Desks(lab)
        calls = {one["contact"]: one["seat"] for one in (await desks.state())["contacts"]}
        free = [one["seat"] for one in (await desks.state())["agents"] if one["state"] == "ready"]
        (held, asked, joined, parked), seats = calls, calls
        conference = await desks.conference(free[2 : 2 + MEMBERS])
        await desks.do(seats[held], do="hold", contact=held)
        for contact, colleague in ((asked, free[0]), (joined, free[1])):
            await desks.do(seats[contact], do="consult", contact=contact, to=f"seat:{colleague}")
        await lab.until_async(lambda: _answered(desks, {asked, joined}), 20, "the colleagues answer")
        await desks.do(seats[joined], do="join", contact=joined)
        await desks.do(seats[parked], do="park", contact=parked)
        before = await desks.picture()
        legs = await lab.legs(before)
        assert {contact: before[contact][0] for contact in calls} == {
            held: "held", asked: "held", joined: "talking", parked: "parked",
        }  # fmt: skip
        assert sorted(before[conference][1]) == [
            (f"member-{number}", "talk", number == MEMBERS) for number in range(1, MEMBERS + 1)
        ]

        brains = lab.brains()
        await lab.replaced("brain", signal.SIGKILL, 5)
        await until(lambda: lab.brains() > brains, 6, "the new brain is at work")  # bench: under 1 s
        assert await desks.picture() == before
        assert await lab.legs(before) == legs, "somebody was cut off"

        await desks.do(free[2], do="mute_all", contact=conference, on=False)
        assert not any(muted for _, _, muted in (await desks.picture())[conference][1])
        await desks.do(free[2], do="end_conference", contact=conference)
        await lab.until_async(lambda: _gone(desks, conference), 10, "the conference is over")
        await desks.do(seats[held], do="resume", contact=held)
        await desks.do(seats[asked], do="cancel_consult", contact=asked)
        await desks.do(seats[parked], do="fetch", slot=_slot(await desks.state(), parked))
        await until(lambda: len(lab.talking()) >= 3, 20, "they talk again")
        await lab.stop_class()
        await lab.over(60)


async def _answered(desks: Desks, contacts: set[str]) -> bool:
    found = (await desks.state())["contacts"]
    return all(
        len(one["legs"]) == 3 and all(leg["answered"] for leg in one["legs"])
        for one in found
        if one["contact"] in contacts
    )


async def _gone(desks: Desks, contact: str) -> bool:
    return contact not in await desks.picture()


def _slot(state: dict[str, Any], contact: str) -> str:
    return str(next(one["slot"] for one in state["contacts"] if one["contact"] == contact))
