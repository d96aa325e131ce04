"""The grading worker: takes `grade` jobs, one at a time, and writes scorecards. As many as wanted may run.

`python -m lab_server.grader`, with the settings in the environment. Killed at any moment, it leaves either the
scorecard with its job done, or neither; whoever comes next takes the job again.
"""

import argparse
import asyncio
import logging
import os

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from grading.scorecard import grade
from lab_server import evidence
from lab_server.config import load
from lab_server.desk.entries import GRADE
from lab_server.process import go_with_parent, run, set_up_log
from lab_server.store import jobs, journal
from lab_server.store.engine import is_passing, open_engine, reading, writing
from lab_server.store.tables import Job, Scorecard
from telephony.bus import BusClient
from telephony.clock import Clock, SystemClock

log = logging.getLogger(__name__)

IDLE_S = 0.2
NOT_OVER_S = 0.5
FORGOTTEN_S = 120.0
"""A job taken this long ago was taken by a worker that is dead: grading one contact takes milliseconds."""


class Grader:
    """`name` tells this worker from the others; one that starts takes back what its namesake left when it died."""

    def __init__(self, engine: Engine, clock: Clock, name: str = "grading") -> None:
        self._engine = engine
        self._clock = clock
        self._name = name

    def take_back(self) -> int:
        """Make jobs that died with a worker wait again; returns how many."""
        with writing(self._engine) as session:
            return jobs.release(session, self._clock, GRADE, self._name, older_than_s=FORGOTTEN_S)

    def work(self) -> bool:
        """Do one job, if there is one. Whatever is wrong with it is written into its row, and the next one is done."""
        with reading(self._engine) as session:
            if not jobs.is_due(session, self._clock, GRADE):
                return False
        with writing(self._engine) as session:
            job = jobs.take(session, self._clock, GRADE, self._name)
        if job is None:
            return False
        try:
            self._grade(job)
        except DBAPIError as error:
            if is_passing(error):
                raise
            self._fail(job, error)
        except Exception as error:
            # Anything may be wrong with one contact's rows or rubric; the job keeps the reason, the others go on.
            self._fail(job, error)
        return True

    def _grade(self, job: Job) -> None:
        contact_id = job.key
        with reading(self._engine) as session:
            over = evidence.is_over(session, contact_id, self._clock.utc())
            bundle = evidence.gather(session, contact_id) if over else None
        if not over:
            with writing(self._engine) as session:
                jobs.postpone(session, self._clock, job, NOT_OVER_S)
            return
        graded = grade(bundle.evidence, bundle.rubric) if bundle is not None else None
        with writing(self._engine) as session:
            if not jobs.finish(session, self._clock, job):
                log.warning("contact %s was graded by another worker meanwhile", contact_id)
            elif bundle is not None and graded is not None:
                card = evidence.store(session, self._clock, bundle, graded)
                self._note(session, card)

    def _note(self, session: Session, card: Scorecard) -> None:
        entry = journal.make(
            "contact.graded",
            source=self._name,
            clock=self._clock,
            contact=card.contact_id,
            data={"score": card.score, "passed": card.passed},
            site_id=card.site_id,
            session_id=card.session_id,
        )
        journal.record(session, [entry])

    def _fail(self, job: Job, error: Exception) -> None:
        log.error("contact %s, attempt %d: %s", job.key, job.attempts, error, exc_info=error)
        with writing(self._engine) as session:
            jobs.fail(session, self._clock, job, f"{type(error).__name__}: {error}")


async def main(stop: asyncio.Event, name: str = "grading") -> None:
    """Grade until told to stop. The work is done in a thread, so that the heartbeat goes on."""
    clock, settings = SystemClock(), load()
    engine = open_engine(settings.database)
    grader = Grader(engine, clock, name)
    bus = BusClient(settings.bus_address, name, clock, heartbeat=True)
    await bus.start()
    log.info("%s is at work", name)
    taken_back = False
    try:
        while not stop.is_set():
            try:
                if not taken_back:
                    await asyncio.to_thread(grader.take_back)
                    taken_back = True
                busy = await asyncio.to_thread(grader.work)
            except DBAPIError as error:
                if not is_passing(error):
                    raise
                log.warning("the database is away: %s", error.orig)
                busy = False
            if not busy:
                await _pause(stop, IDLE_S)
    finally:
        await bus.close()
        engine.dispose()


async def _pause(stop: asyncio.Event, pause_s: float) -> None:
    try:
        async with asyncio.timeout(pause_s):
            await stop.wait()
    except TimeoutError:
        return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Grade contacts as they end.")
    parser.add_argument("--name", default="grading", help="what this worker is called on the bus and in the rows")
    arguments = parser.parse_args()
    set_up_log()
    go_with_parent()
    os.nice(10)  # a scorecard can wait, a call can't
    run(lambda stop: main(stop, arguments.name))
