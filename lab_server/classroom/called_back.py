"""Virtual customers who are called back: one answers at its number as soon as somebody is about to dial it."""

import logging
from collections.abc import Sequence

from lab_server.classroom import rows
from lab_server.classroom.dialling import Dialling
from lab_server.classroom.roll import CALLED_BACK_FROM, Attempt, Roll
from lab_server.classroom.tools import Tools
from scenarios.case import Case
from telephony.numbers import NumberError, spelled

log = logging.getLogger(__name__)

ANSWERABLE_S = 90.0
"""So long its place is kept: the agent's phone rings first, and perhaps other numbers of the customer's."""


class CalledBack:
    """Each call back is an attempt of its own, numbered from `CALLED_BACK_FROM`: no part of the caller's own life."""

    def __init__(self, roll: Roll, tools: Tools, dialling: Dialling) -> None:
        self._roll = roll
        self._tools = tools
        self._dialling = dialling

    async def expect(self, contact: str, numbers: Sequence[str]) -> Attempt | None:
        """Let the customer of one of these numbers wait for the call of `contact`; None if there is none to be reached.

        It returns when the number leads to its phone. A customer who is on the line already is busy.
        """
        found = self._case(contact, numbers)
        if found is None:
            return None
        case_id, case = found
        number = max(self._numbers(case_id), default=CALLED_BACK_FROM - 1) + 1
        attempt = Attempt(contact=contact, case=case, case_id=case_id, number=number)
        self._roll.attempts[contact] = attempt
        site, now = self._tools.site_id, self._tools.clock.utc()
        self._tools.writer.post(lambda session: rows.add_attempt(session, site, attempt))
        self._tools.writer.post(lambda session: rows.placed(session, contact, now))
        try:
            await self._dialling.expect(attempt, ANSWERABLE_S)
        except LookupError as nobody:
            log.warning("contact %s: its customer cannot be called back: %s", contact, nobody)
        return attempt

    def live(self) -> list[Attempt]:
        """Those that are not over."""
        return [attempt for attempt in self._roll.attempts.values() if attempt.called_back and attempt.live]

    def _case(self, contact: str, numbers: Sequence[str]) -> tuple[str, Case] | None:
        if contact in self._roll.attempts:
            return None
        wanted = {_spelled(number) for number in numbers} - {""}
        known = [one for one in self._roll.attempts.values() if _spelled(one.case.person.phone) in wanted]
        if not known or any(one.live for one in known):
            return None
        return known[-1].case_id, known[-1].case

    def _numbers(self, case_id: str) -> list[int]:
        return [one.number for one in self._roll.attempts.values() if one.case_id == case_id and one.called_back]


def _spelled(number: str) -> str:
    """Empty for what is no number; who dials it is told why."""
    try:
        return spelled(number)
    except NumberError:
        return ""
