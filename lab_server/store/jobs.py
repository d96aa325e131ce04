"""Waiting work as rows: enqueued once, taken by one worker, tried again with growing pauses, given up with a reason."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from lab_server.store.tables import Job
from telephony.clock import Clock

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0
_ERROR_LENGTH = 4000


def enqueue(
    session: Session,
    clock: Clock,
    kind: str,
    key: str,
    payload: dict[str, Any] | None = None,
    *,
    delay_s: float = 0.0,
    max_attempts: int = 3,
) -> bool:
    """Have `kind` done for `key`, `delay_s` seconds from now at the earliest; False if it is there already."""
    now = clock.utc()
    job = Job(
        kind=kind,
        key=key,
        payload=payload or {},
        max_attempts=max_attempts,
        run_after=now + timedelta(seconds=delay_s),
        created_at=now,
    )
    insert = postgresql.insert(Job) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(Job)
    fresh = insert.values(job.model_dump()).on_conflict_do_nothing(index_elements=["kind", "key"])
    added = session.execute(fresh.returning(col(Job.id)))
    return added.first() is not None


def repeat(session: Session, clock: Clock, kind: str, key: str) -> bool:
    """Have finished or failed work done once more (the evidence changed); False if there is no such job."""
    fresh = {"state": "waiting", "attempts": 0, "error": "", "run_after": clock.utc(), "done_at": None}
    done = col(Job.state).in_(("done", "failed"))
    changed = session.execute(
        update(Job).where(col(Job.kind) == kind, col(Job.key) == key, done).values(fresh).returning(col(Job.id))
    )
    return changed.first() is not None


def hurry(session: Session, clock: Clock, kind: str, key: str) -> bool:
    """Let work that waits for its next attempt be done now; False if it does not wait."""
    waits = (col(Job.kind) == kind, col(Job.key) == key, col(Job.state) == "waiting")
    changed = session.execute(update(Job).where(*waits).values(run_after=clock.utc()).returning(col(Job.id)))
    return changed.first() is not None


def take(session: Session, clock: Clock, kind: str, worker: str) -> Job | None:
    """The oldest job of `kind` that may run now, marked as taken by `worker`; None if there is none.

    Two workers never get the same: on PostgreSQL the second skips the locked row, on SQLite it waits its turn.
    """
    now = clock.utc()
    due = (
        select(Job.id)
        .where(Job.kind == kind, Job.state == "waiting", col(Job.run_after) <= now)
        .order_by(col(Job.run_after), col(Job.id))
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite ignores it: whoever writes there is alone
    )
    taken = session.execute(
        update(Job)
        .where(col(Job.id).in_(due.scalar_subquery()))
        .values(state="taken", locked_by=worker, locked_at=now, attempts=Job.attempts + 1)
        .returning(Job)
        .execution_options(populate_existing=True)
    )
    return taken.scalar_one_or_none()


def finish(session: Session, clock: Clock, job: Job) -> bool:
    """`job` is done; False if it was taken away from its worker meanwhile (who then changed nothing here)."""
    return _settle(session, job, {"state": "done", "done_at": clock.utc(), "error": "", "locked_by": None})


def fail(session: Session, clock: Clock, job: Job, error: str) -> bool:
    """`job` did not succeed: it waits (1 s, 2 s, 4 s …) for its next attempt, or has failed for good after the last."""
    values: dict[str, Any] = {"error": error[:_ERROR_LENGTH], "locked_by": None}
    if job.attempts >= job.max_attempts:
        values |= {"state": "failed", "done_at": clock.utc()}
    else:
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (job.attempts - 1))
        values |= {"state": "waiting", "run_after": clock.utc() + timedelta(seconds=pause_s)}
    return _settle(session, job, values)


def postpone(session: Session, clock: Clock, job: Job, pause_s: float) -> bool:
    """`job` cannot be done yet, through nobody's fault: it waits `pause_s` seconds, and this attempt does not count."""
    later = clock.utc() + timedelta(seconds=pause_s)
    values = {"state": "waiting", "run_after": later, "locked_by": None, "attempts": job.attempts - 1}
    return _settle(session, job, values)


def release(session: Session, clock: Clock, kind: str, worker: str, *, older_than_s: float | None = None) -> int:
    """Put back what a dead worker had taken: that of `worker`, and whatever was taken over `older_than_s` ago.

    An attempt that killed its worker counts as one, so that poison ends too.
    """
    stale = col(Job.locked_by) == worker
    if older_than_s is not None:
        stale = or_(stale, col(Job.locked_at) < clock.utc() - timedelta(seconds=older_than_s))
    theirs = (col(Job.kind) == kind, col(Job.state) == "taken", stale)
    spent = col(Job.attempts) >= col(Job.max_attempts)
    died = "every worker that took it died"
    session.execute(
        update(Job).where(*theirs, spent).values(state="failed", locked_by=None, done_at=clock.utc(), error=died)
    )
    back = session.execute(
        update(Job).where(*theirs).values(state="waiting", locked_by=None, run_after=clock.utc()).returning(col(Job.id))
    )
    return len(back.all())


def is_due(session: Session, clock: Clock, kind: str) -> bool:
    """Whether `take` would find something: a look that takes no lock."""
    due = select(Job.id).where(Job.kind == kind, Job.state == "waiting", col(Job.run_after) <= clock.utc())
    return session.exec(due.limit(1)).first() is not None


def waiting(session: Session, kind: str) -> int:
    """How many jobs of `kind` are still to be done."""
    open_jobs = select(func.count()).select_from(Job).where(Job.kind == kind, col(Job.state).in_(("waiting", "taken")))
    return session.exec(open_jobs).one()


def _settle(session: Session, job: Job, values: dict[str, Any]) -> bool:
    """Only who holds the job may settle it: its attempt's number tells a holder from the one before."""
    held = (col(Job.id) == job.id, col(Job.state) == "taken", col(Job.attempts) == job.attempts)
    settled = session.execute(update(Job).where(*held).values(values).returning(col(Job.id)))
    return settled.first() is not None
