"""The floor's book: the journal for every happening, and the rows of contacts, legs and segments kept up to date.

Everything is handed to the store's writer and done there in order; the floor never waits for the disk.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session, and_, col, func, select

from lab_server.desk import conferences, contacts, entries
from lab_server.desk.users import at_seat
from lab_server.floor import conference
from lab_server.floor.call import Call, Leg, Outcome, Stage
from lab_server.recordings import EndedLeg, check_leg
from lab_server.routing.agents import Agent
from lab_server.routing.agents import AgentState as AgentStates
from lab_server.store.journal import Journal
from lab_server.store.tables import AgentState, Contact, ContactDirection, LegRole, Segment, Site
from lab_server.store.tables import Leg as LegRow
from lab_server.store.writer import Writer
from telephony.clock import Clock
from telephony.trunks import HouseTrunk, LabTrunk, NullTrunk

Work = Callable[[Session], object]

_INDOORS = frozenset({HouseTrunk.name, LabTrunk.name, NullTrunk.name})  # what goes over these never leaves the house

_DIRECTIONS: Mapping[str, ContactDirection] = {"in": "in", "out": "out", "conf": "conf"}
_ROLES: Mapping[str, LegRole] = {
    "customer": "customer", "agent": "agent", "party": "party", "member": "party", "supervisor": "supervisor",
}  # fmt: skip


RING_FIRST_S = 0.02
"""So long the database's thread leaves the interpreter to the one that is about to ring a phone."""


class StoreBook:
    """`session_of` tells a contact's class session, None in service."""

    def __init__(
        self,
        writer: Writer,
        journal: Journal,
        clock: Clock,
        *,
        site_id: str,
        recordings: Path,
        session_of: Callable[[str], str | None],
    ) -> None:
        self._writer = writer
        self._journal = journal
        self._clock = clock
        self._site = site_id
        self._recordings = recordings
        self._session_of = session_of
        self._measuring: set[asyncio.Task[float]] = set()
        self._wrapping: dict[str, str] = {}  # seat → the contact that its agent writes up

    def began(self, call: Call) -> None:
        now, session_id = self._clock.utc(), self._session_of(call.contact)
        caller = call.customer_number if call.direction == "in" else conference.owner(call) or call.seat or ""
        title = conference.title(call)

        def work(session: Session) -> None:
            contacts.begin(
                session,
                session.get_one(Site, self._site),
                contact_id=call.contact,
                mode="production" if call.trunk not in _INDOORS else "training",
                direction=_DIRECTIONS[call.direction],
                trunk=call.trunk,
                caller=caller,
                called=title if call.direction == "conf" else call.dialled,
                offered_at=now,
                session_id=session_id,
            )
            if call.direction == "conf":
                conferences.open_conference(
                    session, self._clock, contact_id=call.contact, title=title,
                    owner_id=_user_at(session, self._site, caller),
                )  # fmt: skip

        self._writer.post(work)
        numbers = {"number": call.customer_number, "dialled": call.dialled}
        self._once(call, "contact.began", {"direction": call.direction, "trunk": call.trunk, **numbers})
        if call.adopted:
            self.noted(call, "contact.adopted", {"stage": call.stage})

    def entered(self, call: Call, stage: Stage) -> None:
        now, queue = self._clock.utc(), call.queue or ""

        def work(contact: Contact) -> None:
            contact.stage = stage
            contact.queue = queue
            if stage is Stage.QUEUED:
                contact.queued_at = contact.queued_at or now
            elif stage in {Stage.RINGING, Stage.DIALLING}:
                contact.ringing_at = contact.ringing_at or now

        self._change(call, work)
        self.noted(call, "contact.stage", {"stage": stage, "queue": queue})

    def noted(self, call: Call, kind: str, data: Mapping[str, object]) -> None:
        self._journal.append(call.contact, kind, data, session_id=self._session_of(call.contact))
        if kind == "conference.locked":
            locked = bool(data.get("on"))
            self._writer.post(lambda session: conferences.keep_lock(session, call.contact, locked))

    def _once(self, call: Call, kind: str, data: Mapping[str, object], which: str = "") -> None:
        """What happens to a contact (or to `which` of it) only once stands in the journal once, whoever tells it.

        A brain that dies takes its last moment with it: who comes next tells again what it finds.
        """
        key = f"{kind}/{call.contact}/{which}".rstrip("/")
        self._journal.append(call.contact, kind, data, session_id=self._session_of(call.contact), key=key)

    def leg_changed(self, call: Call, leg: Leg) -> None:
        now = self._clock.utc()
        began, gone, cause, gone_at = leg.began_at or now, leg.gone, leg.cause, leg.gone_at or now
        role = _role(call, leg)
        up_at = leg.up_at or (now if leg.up else None)  # answered while no brain was there: no later than now
        tried = leg.name == "customer" and call.direction == "out"
        number = call.customer_number if leg.name == "customer" else leg.seat or leg.number or call.seat or ""
        if tried and leg.number:
            number = leg.number  # by now another one may be dialled
        recording = recording_path(self._recordings, call.folder, leg.name)

        def work(session: Session) -> None:
            row = session.exec(
                select(LegRow).where(col(LegRow.contact_id) == call.contact, col(LegRow.name) == leg.name)
            ).first()
            another = row is not None and row.answered_at is None and row.channel != leg.channel[:80]
            if row is not None and tried and another:
                _rename_try(session, row)
                row = None
            if row is None:
                row = LegRow(
                    site_id=self._site,
                    contact_id=call.contact,
                    name=leg.name,
                    role=role,
                    number=number[:40],
                    seat=leg.seat or "",
                    channel=leg.channel[:80],
                    started_at=began,
                )
            if leg.name != "customer" and row.user_id is None:
                row.user_id = _user_at(session, self._site, number)
            row.answered_at = row.answered_at or up_at
            if up_at is not None and not row.recording:
                row.recording, row.offset_s = recording, _offset_s(session, call.contact, up_at)
            if gone:
                row.ended_at = row.ended_at or gone_at
                row.cause = row.cause or str(cause or "")
            session.add(row)

        self._writer.post(work)
        state = "ended" if gone else "answered" if up_at else "began"
        data = {"leg": leg.name, "number": number, "channel": leg.channel, "cause": cause}
        self._once(call, f"leg.{state}", data, _told_as(call, leg))
        if gone and up_at is not None and recording:
            ended = EndedLeg(call.contact, leg.name, recording, up_at, gone_at, self._session_of(call.contact))
            self._measure(ended)

    def _measure(self, leg: EndedLeg) -> None:
        """Once the switch has closed the file: is all of it there? Nobody waits for that."""
        measuring = asyncio.get_running_loop().create_task(
            check_leg(leg, self._recordings, self._journal, self._writer, self._clock),
            name=f"recording {leg.contact}/{leg.name}",
        )
        self._measuring.add(measuring)
        measuring.add_done_callback(self._measuring.discard)

    def talk_began(self, call: Call) -> None:
        now = self._clock.utc()

        reached = call.customer_number if call.direction == "out" and not call.internal else ""

        def work(contact: Contact) -> None:
            contact.answered_at = contact.answered_at or now
            if reached:
                contacts.reached(contact, reached)

        self._change(call, work)
        names = [leg.name for leg in call.legs()]
        self._once(call, "talk.began", {"seat": call.seat, "legs": names}, "+".join(names))

    def paired(self, call: Call, pairs: frozenset[tuple[str, str]]) -> None:
        """A segment for each pair that talks together from now on; those who do not any more have ended theirs.

        `pairs` is all there are: what the rows say is brought in line, so it may be told again.
        """
        now, serving = self._clock.utc(), call.agent.name if call.agent is not None else ""
        ends = {leg.name: leg.gone_at for leg in call.legs() if leg.gone_at is not None}

        def work(session: Session) -> None:
            rows = _legs(session, call.contact)
            names, ids = {row.id: row.name for row in rows}, {row.name: row.id for row in rows}
            for row in rows:
                if row.name == serving and row.role == "consult":
                    row.role = "agent"  # was asked, and has the contact now
                    session.add(row)
            segments = _segments(session, call.contact)
            going = set(pairs)
            for segment in segments:
                pair = names[segment.one_leg_id], names[segment.other_leg_id]
                if segment.ended_at is not None:
                    continue
                if pair in going:
                    going.discard(pair)
                    continue
                segment.ended_at = min([now, *(ends[name] for name in pair if name in ends)])
                session.add(segment)
            for seq, (one, other) in enumerate(sorted(going), len(segments) + 1):
                if one in ids and other in ids:
                    session.add(
                        Segment(
                            site_id=self._site, contact_id=call.contact, seq=seq, one_leg_id=ids[one],
                            other_leg_id=ids[other], began_at=now,
                        )
                    )  # fmt: skip

        self._writer.post(work)

    def held(self, call: Call, on: bool, seconds: float) -> None:
        """The customer hears music (`on`), or the others again after so many `seconds`: the contact's row sums up."""

        def work(session: Session) -> None:
            contact = session.get(Contact, call.contact)
            if contact is None:
                return
            contact.stage = Stage.HELD if on else Stage.TALKING
            session.add(contact)
            if on:
                return
            contact.hold_s += seconds
            customer = next((row.id for row in _legs(session, call.contact) if row.role == "customer"), None)
            for segment in _segments(session, call.contact):  # whoever has the customer kept it waiting
                if segment.one_leg_id == customer and segment.ended_at is None:
                    segment.hold_s += seconds
                    session.add(segment)

        self._writer.post(work)
        self.noted(call, "contact.held" if on else "contact.resumed", {"held_s": round(seconds, 3)})

    def talk_ended(self, call: Call) -> None:
        self.paired(call, frozenset())
        self._once(call, "talk.ended", {"seat": call.seat, "by": call.released_by}, str(call.offers))

    def ended(self, call: Call, outcome: Outcome) -> None:
        now, by, rating = call.ended_at or self._clock.utc(), call.released_by or "system", call.rating

        def work(session: Session) -> None:
            contact = session.get(Contact, call.contact)
            conferences.end_conference(session, self._clock, call.contact)
            if contact is None or contact.ended_at is not None:
                return
            contact.stage, contact.outcome = Stage.ENDED, outcome
            contact.ended_at = now
            contact.ended_by = "caller" if by == "customer" else by
            contact.rating = rating if rating is not None else contact.rating
            session.add(contact)
            for row in _legs(session, call.contact):
                if row.ended_at is None:  # it went while no brain was there to see it
                    row.ended_at = now
                    session.add(row)

        self._writer.post(work)
        self._once(call, "contact.ended", {"outcome": outcome, "by": by, "rating": rating})

    def agent_changed(self, agent: Agent) -> None:
        now, monotonic_s = self._clock.utc(), self._clock.monotonic()
        if agent.state is AgentStates.RINGING:
            self._writer.stand_back(RING_FIRST_S)
        session_id = self._session_of(agent.contact) if agent.contact else None

        def work(session: Session) -> None:
            session.add(
                AgentState(
                    site_id=self._site,
                    session_id=session_id,
                    seat=agent.seat,
                    user_id=_user_at(session, self._site, agent.seat),
                    state=agent.state.value,
                    reason=agent.reason,
                    contact_id=agent.contact,
                    at=now,
                    monotonic_s=monotonic_s,
                )
            )

        self._writer.post(work)
        self._journal.append(
            agent.contact,
            "agent.state",
            {"seat": agent.seat, "state": agent.state.value, "reason": agent.reason},
            session_id=session_id,
        )
        if agent.state is not AgentStates.WRAP_UP:
            self._written_up(agent.seat)
        elif agent.contact is not None:
            self.writes_up(agent.seat, agent.contact)

    def writes_up(self, seat: str, contact: str) -> None:
        """The agent at `seat` is in wrap-up of `contact`; a restarted brain is told by the rows."""
        self._wrapping[seat] = contact

    def _written_up(self, seat: str) -> None:
        """The wrap-up is over, by the agent's word or by the clock: the contact is not kept open for it."""
        contact_id = self._wrapping.pop(seat, None)
        if contact_id is None:
            return

        def work(session: Session) -> None:
            contact = session.get(Contact, contact_id)
            if contact is not None:
                entries.close(session, self._clock, contact, seat)

        self._writer.post(work)

    def _change(self, call: Call, change: Callable[[Contact], None]) -> None:
        def work(session: Session) -> None:
            contact = session.get(Contact, call.contact)
            if contact is not None:
                change(contact)
                session.add(contact)

        self._writer.post(work)


def _role(call: Call, leg: Leg) -> LegRole:
    """A colleague who is rung or asked while another serves is not the contact's agent yet."""
    if leg.role == "agent" and call.direction == "in" and call.served and leg is not call.agent and not leg.talked:
        return "consult"
    return _ROLES.get(leg.role, "agent")


def _rename_try(session: Session, row: LegRow) -> None:
    """Another of the customer's numbers is rung: the leg before came to nothing, and keeps its place under a name of
    its own. Only the one that is reached is the customer's."""
    legs = _legs(session, row.contact_id)
    row.name = f"try-{1 + sum(leg.name.startswith('try-') for leg in legs)}"
    row.role = "party"
    session.add(row)
    session.flush()


def _told_as(call: Call, leg: Leg) -> str:
    """Which leg the journal means: two numbers that are tried in turn are two."""
    own = leg.channel.removeprefix(f"{call.contact}-")
    return own if own.startswith("customer-") else leg.name


def _offset_s(session: Session, contact: str, up_at: datetime) -> float:
    """Where on the customer's recording a leg's own begins: both begin when their leg is answered.

    Read from the rows: the brain that saw the customer's leg answered may not be this one.
    """
    for row in _legs(session, contact):
        if row.name == "customer" and row.answered_at is not None:
            return (up_at - row.answered_at).total_seconds()
    return 0.0


def _legs(session: Session, contact: str) -> list[LegRow]:
    return list(session.exec(select(LegRow).where(col(LegRow.contact_id) == contact)))


def _segments(session: Session, contact: str) -> list[Segment]:
    return list(session.exec(select(Segment).where(col(Segment.contact_id) == contact)))


def _user_at(session: Session, site_id: str, seat: str) -> str | None:
    user = at_seat(session, site_id, seat)
    return user.id if user is not None else None


def recording_path(recordings: Path, folder: str, leg: str) -> str:
    """A leg's file relative to the recordings folder; empty if the switch named a folder that is not below it."""
    try:
        relative = Path(folder).relative_to(recordings) if folder else None
    except ValueError:
        relative = None
    return str(relative / f"{leg}.wav") if relative is not None else ""


class LastState(NamedTuple):
    """What an agent did last, since when and why; with the contact it had, and that contact's queue."""

    state: AgentStates
    at: datetime
    reason: str = ""
    contact: str | None = None
    queue: str | None = None


def last_states(session: Session, site_id: str) -> dict[str, LastState]:
    """Each seat's last known state: what a restarted brain begins with. Reads no more than the newest rows."""
    newest = (
        select(col(AgentState.seat), func.max(AgentState.at).label("at"))
        .where(col(AgentState.site_id) == site_id)
        .group_by(col(AgentState.seat))
        .subquery()
    )
    rows = session.exec(
        select(AgentState, Contact.queue)
        .join(newest, and_(col(AgentState.seat) == newest.c.seat, col(AgentState.at) == newest.c.at))
        .outerjoin(Contact, col(Contact.id) == AgentState.contact_id)
        .where(col(AgentState.site_id) == site_id)
        .order_by(col(AgentState.monotonic_s), col(AgentState.id))
    )
    return {
        row.seat: LastState(AgentStates(row.state), row.at, row.reason, row.contact_id, queue or None)
        for row, queue in rows
    }
