"""What robot students do after a call: write down what they were told, by the same service a person's page uses."""

import asyncio
import logging

from sqlmodel import Session

from lab_server.classroom import rows
from lab_server.classroom.roll import Attempt, Roll
from lab_server.classroom.tools import Tools
from lab_server.desk.desk import Desk
from lab_server.desk.entries import finish_wrap_up, save_entry
from lab_server.store.jobs import enqueue
from lab_server.store.tables import User
from scenarios.facts import Told
from scenarios.profiles import PROFILES
from scenarios.recording import record

log = logging.getLogger(__name__)


class DeskWork:
    """One task for each served contact; each may be begun again after a restart and ends the same."""

    def __init__(self, roll: Roll, tools: Tools) -> None:
        self._roll = roll
        self._tools = tools
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def write_up(self, attempt: Attempt, seat: str | None) -> None:
        """The call is over: the robot at `seat` has its wrap-up time to write."""
        if seat is not None and attempt.contact not in self._tasks:
            self._tasks[attempt.contact] = asyncio.create_task(self._write_up(attempt, seat))

    async def finished(self) -> None:
        """Return when everything begun so far is written."""
        while unfinished := [task for task in self._tasks.values() if not task.done()]:
            await asyncio.wait(unfinished)

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _write_up(self, attempt: Attempt, seat: str) -> None:
        try:
            await self._write(attempt, seat)
        except asyncio.CancelledError:
            raise
        except Exception:
            # The class goes on: the call stands ungraded in the report, and the log says why.
            log.exception("robot %s could not write down contact %s", seat, attempt.contact)
        finally:
            if self._tools.distribution.knows(seat):
                self._tools.distribution.finish_wrap_up(seat, attempt.contact)
        await attempt.over.wait()  # the rating comes after the talk, and belongs to the score
        tools, key = self._tools, attempt.contact
        await asyncio.wrap_future(
            tools.writer.post(lambda session: enqueue(session, tools.clock, rows.GRADE, key, {"contact": key}))
        )

    async def _write(self, attempt: Attempt, seat: str) -> None:
        tools, robot = self._tools, self._roll.robots[seat]
        await asyncio.sleep(PROFILES[robot.profile].wrap_s)
        await asyncio.wrap_future(tools.writer.post(lambda _: None))  # all that was told before is written
        told = await tools.reader.run(lambda session: rows.told(session, attempt.contact))
        written = record(
            attempt.case,
            [Told(key=t.fact, value=t.value, line=t.line, began_s=t.began_s, ended_s=t.ended_s) for t in told],
            PROFILES[robot.profile],
            self._roll.chance(attempt.contact, "record"),
        )

        def work(session: Session) -> None:
            desk = Desk(session, tools.clock, session.get_one(User, robot.user_id))
            save_entry(desk, attempt.contact, written.form, written.values, f"robot/{attempt.contact}")
            finish_wrap_up(desk, attempt.contact)

        await asyncio.wrap_future(tools.writer.post(work))  # kept until a locked database takes it
        mistakes = [mistake.model_dump(mode="json") for mistake in written.mistakes]
        tools.journal.append(
            attempt.contact, "robot.wrote", {"seat": seat, "profile": robot.profile, "mistakes": mistakes},
            session_id=self._roll.session, key=f"robot.wrote/{attempt.contact}",
        )  # fmt: skip
