"""The worker: one thread that turns pjsua2, the bus and up to four conversations."""

import gc
import logging
import os
from collections import OrderedDict
from collections.abc import Callable

from telephony.bus import Heartbeat, Message, SyncBus
from telephony.clock import Clock
from telephony.useragent.call import SipCall, contact_of, number_of
from telephony.useragent.conversation import Conversation
from telephony.useragent.endpoint import CAPACITY, SipEndpoint
from telephony.useragent.expected import Expected
from telephony.useragent.leg import CallOrder, Leg
from telephony.useragent.messages import (
    CONTACT_HEADER,
    AskStage,
    Brief,
    CallBroken,
    CallClosed,
    CallEnded,
    DialOut,
    EndAll,
    EndCall,
    ExpectCall,
    HoldCall,
    LampShown,
    Party,
    PlaceCall,
    Plan,
    RegisterAccount,
    Registered,
    Role,
    Spoken,
    StageChanged,
    TransferCall,
    Unregister,
    WorkerReady,
)
from telephony.useragent.seat import Account, Seat

BUSY_MS = 20  # a turn every two frames: the level is read every 40 ms, a line ends within 20
IDLE_MS = 40
BEAT_S = 0.5
FAREWELL_S = 3.0
KNOWN_LIMIT = 10_000
log = logging.getLogger(__name__)

ConversationFactory = Callable[[Plan], Conversation]


class Worker:
    """Takes orders from the bus, makes and takes calls, reports to `brain`. `run` until `stop` is called.

    Everything happens in the thread that calls `run`. Orders may come twice: a call id is taken once.
    """

    def __init__(
        self,
        *,
        name: str,
        role: Role,
        bus: SyncBus,
        endpoint: SipEndpoint,
        clock: Clock,
        conversations: ConversationFactory,
    ) -> None:
        self._name = name
        self._role = role
        self._bus = bus
        self._endpoint = endpoint
        self._clock = clock
        self._conversations = conversations
        self._party: Party = "customer" if role == "callers" else "agent"
        self._legs: dict[str, Leg] = {}
        self._known: OrderedDict[str, None] = OrderedDict()
        self._expected = Expected()
        self._unbriefed: list[tuple[str, SipCall]] = []
        self._next_briefs: dict[str, Brief] = {}
        self._seats: dict[str, Seat] = {}
        self._account: Account | None = None
        self._stopping = False
        self._beat_due = 0.0
        self._was_connected = True
        self._parent = os.getppid()

    def stop(self) -> None:
        """Hang up, unregister, report and return from `run`. Safe to call from a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Work until stopped, or until the process that started us is gone and our calls are done."""
        self._open()
        try:
            while not self._stopping and not self._orphaned():
                self._turn()
            self._farewell()
        finally:
            self._close()

    # --- the loop ---

    def _open(self) -> None:
        self._endpoint.start()
        self._account = Account(self._endpoint, self._incoming)
        self._account.open(f"sip:ringside@{self._endpoint.settings.bind}")
        self._bus.on(PlaceCall, self._place_call)
        self._bus.on(ExpectCall, self._expect)
        self._bus.on(Brief, self._brief)
        self._bus.on(DialOut, self._dial_out)
        self._bus.on(RegisterAccount, self._register)
        self._bus.on(Unregister, self._unregister)
        self._bus.on(EndCall, self._end_call)
        self._bus.on(TransferCall, self._transfer)
        self._bus.on(HoldCall, self._hold)
        self._bus.on(EndAll, self._end_all)
        self._bus.on(StageChanged, self._stage_changed)
        self._bus.on(Spoken, self._spoken)
        settings = self._endpoint.settings
        ready = WorkerReady(
            name=self._name,
            role=self._role,
            sip_address=settings.bind,
            sip_port=self._endpoint.port,
            capacity=CAPACITY,
            pid=os.getpid(),
        )
        for whom in ("fleet", "brain"):
            self._bus.send(whom, ready, durable=True)

    def _turn(self) -> None:
        self._bus.poll()
        self._beat()
        calling = any(leg.call is not None for leg in self._legs.values())
        self._endpoint.poll(BUSY_MS if calling else IDLE_MS)
        for leg in list(self._legs.values()):
            leg.turn()
            if leg.over:
                self._reap(leg)
        for seat in list(self._seats.values()):
            seat.turn()
            self._lamp(seat)
            if seat.leaving and not seat.ok and not self._on_the_phone(seat.order.seat):
                self._forget(seat)
        self._unbriefed = [(seat_id, call) for seat_id, call in self._unbriefed if call.ended is None]
        for call_id in self._expected.expired(self._clock.monotonic()):
            self._legs[call_id].end("expired", "nobody called")

    def _lamp(self, seat: Seat) -> None:
        lamp, seat.account.lamp = seat.account.lamp, None
        if lamp is not None:
            self._bus.send("brain", LampShown(seat=seat.order.seat, new=lamp[0], old=lamp[1]))

    def _beat(self) -> None:
        now = self._clock.monotonic()
        if now >= self._beat_due:
            self._beat_due = now + BEAT_S
            self._bus.send("fleet", Heartbeat(process=self._name, pid=os.getpid()))
        connected = self._bus.connected
        if connected and not self._was_connected:
            for leg in self._legs.values():
                self._bus.send("brain", AskStage(contact=leg.contact))
        self._was_connected = connected

    def _orphaned(self) -> bool:
        """Whether nobody is left to give orders; calls that are talking are finished first."""
        return os.getppid() != self._parent and not any(leg.call is not None for leg in self._legs.values())

    def _farewell(self) -> None:
        """Leave nothing behind at the switch and say so."""
        self._end_everything("the worker was stopped")
        for seat in self._seats.values():
            seat.leave()
        until = self._clock.monotonic() + FAREWELL_S
        while (self._legs or self._seats) and self._clock.monotonic() < until:
            self._turn()

    def _close(self) -> None:
        self._bus.close(flush_s=FAREWELL_S if self._bus.connected else 0.0)
        self._unbriefed.clear()
        for leg in self._legs.values():
            leg.drop()
        self._legs.clear()
        for seat in list(self._seats.values()):
            self._forget(seat)
        if self._account is not None:
            self._account.shutdown()
            self._account = None
        gc.collect()  # a call's object that outlives the library aborts the process
        self._endpoint.close()

    # --- orders ---

    def _place_call(self, order: PlaceCall, _: str) -> None:
        contact = order.contact or order.headers.get(CONTACT_HEADER, "")
        leg = self._new_leg(order, contact)
        if leg is None or self._account is None:
            return
        headers = {name: value for name, value in order.headers.items() if name != CONTACT_HEADER}
        if contact:
            headers[CONTACT_HEADER] = contact
        name = order.from_name.replace("\\", "").replace('"', "'")
        from_uri = f"<sip:{order.from_number}@{self._endpoint.settings.bind}>"
        call = SipCall(self._endpoint, self._clock, self._account)
        leg.placed(call)
        call.dial(order.target, f'"{name}" {from_uri}' if name else from_uri, headers)

    def _dial_out(self, order: DialOut, _: str) -> None:
        seat = self._seats.get(order.seat)
        if seat is None or seat.leaving:
            self._refuse(order.call_id, order.contact, f"seat {order.seat} has no phone here")
            return
        leg = self._new_leg(order, order.contact, order.seat)
        if leg is None:
            return
        call = SipCall(self._endpoint, self._clock, seat.account)
        leg.placed(call)
        headers = {CONTACT_HEADER: order.contact} if order.contact else {}
        call.dial(f"sip:{order.number}@{seat.host}", headers=headers)

    def _brief(self, order: Brief, sender: str) -> None:
        """The same seat may be offered the same contact again: then the brief holds for the next ring, not this one."""
        leg = self._legs.get(order.call_id)
        if leg is None:
            self._known.pop(order.call_id, None)
            self._expect(order, sender)
        elif leg.call is not None:
            self._next_briefs[order.call_id] = order

    def _expect(self, order: ExpectCall | Brief, _: str) -> None:
        seat = order.seat if isinstance(order, Brief) else ""
        if self._new_leg(order, order.contact, seat) is None:
            return
        self._expected.add(order, self._clock.monotonic())
        for waiting in list(self._unbriefed):
            account_seat, call = waiting
            due = self._expected.take(seat, "", call.contact) if account_seat == seat else None
            if due is not None:
                self._unbriefed.remove(waiting)
                self._ring(due, call)
                return

    def _register(self, order: RegisterAccount, _: str) -> None:
        seat = self._seats.get(order.seat)
        if seat is not None and (seat.order == order or self._on_the_phone(order.seat)) and not seat.leaving:
            seat.tell()  # an account that is talking is not changed under its call
            return
        if seat is not None:
            self._forget(seat)
        self._seats[order.seat] = Seat(
            order, Account(self._endpoint, self._incoming, order.seat), self._clock, self._registered
        )

    def _unregister(self, order: Unregister, _: str) -> None:
        seat = self._seats.get(order.seat)
        if seat is not None:
            seat.leave()

    def _end_call(self, order: EndCall, _: str) -> None:
        leg = self._legs.get(order.call_id)
        if leg is not None:
            leg.end("ordered", "EndCall")

    def _transfer(self, order: TransferCall, _: str) -> None:
        leg = self._legs.get(order.call_id)
        seat = self._seats.get(leg.seat) if leg is not None else None
        if leg is None or leg.call is None or seat is None:
            return  # no phone's call, or over: nobody is there to be sent on
        other = self._legs.get(order.replaces or "")
        if order.replaces is None:
            leg.call.refer(f"sip:{order.number}@{seat.host}")
        elif other is not None and other.call is not None:
            leg.call.refer("", other.call)

    def _hold(self, order: HoldCall, _: str) -> None:
        leg = self._legs.get(order.call_id)
        if leg is not None and leg.call is not None:
            leg.call.hold(order.on)

    def _end_all(self, _order: EndAll, _: str) -> None:
        self._end_everything("EndAll")

    def _stage_changed(self, message: StageChanged, _: str) -> None:
        for leg in self._legs.values():
            if leg.contact == message.contact:
                leg.stage_changed(message.stage)

    def _spoken(self, message: Spoken, _: str) -> None:
        for leg in self._legs.values():
            if leg.contact == message.contact:
                leg.told(message)

    # --- calls that come in ---

    def _incoming(self, account: Account, sip_id: int, invite: str) -> None:
        call = SipCall(self._endpoint, self._clock, account, sip_id)
        call.contact = contact_of(invite)
        if account.seat and self._on_the_phone(account.seat):
            self._turn_away(call, 486)
            return
        order = self._expected.take(account.seat, number_of(invite), call.contact)
        if order is not None:
            self._ring(order, call)
        elif account.seat:
            call.respond(180)
            self._unbriefed.append((account.seat, call))
        else:
            self._turn_away(call, 404)

    def _ring(self, order: ExpectCall | Brief, call: SipCall) -> None:
        leg = self._legs[order.call_id]
        if order.behaviour == "busy":
            leg.turns_away(call)
            return
        answer_after_s = order.answer_after_s
        if answer_after_s is None and isinstance(order, Brief):
            answer_after_s = self._seats[order.seat].order.answer_after_s
        leg.rings(call, None if order.behaviour == "no_answer" else answer_after_s)
        self._listen_to(leg.contact)

    def _turn_away(self, call: SipCall, code: int) -> None:
        call.respond(code)
        self._unbriefed.append(("", call))  # kept until it is gone: pjsua2 must not lose a living call's object

    # --- bookkeeping ---

    def _new_leg(self, order: CallOrder, contact: str, seat: str = "") -> Leg | None:
        """A leg with its conversation, or None if the order came before or cannot be followed (which is reported)."""
        if order.call_id in self._known:
            return None
        self._known[order.call_id] = None
        while len(self._known) > KNOWN_LIMIT:
            self._known.popitem(last=False)
        if self._stopping or (not isinstance(order, Brief) and len(self._busy_legs()) >= CAPACITY):
            self._refuse(order.call_id, contact, "no free place")
            return None
        try:
            conversation = self._conversations(order.conversation)
        except Exception as error:  # a plan may be wrong in any way: this call is reported, the others go on
            log.exception("%s: its plan cannot be read", order.call_id)
            self._refuse(order.call_id, contact, f"its plan cannot be read: {error}")
            return None
        leg = Leg(
            order,
            contact=contact,
            seat=seat,
            conversation=conversation,
            party=self._party,
            clock=self._clock,
            report=self._report,
            publish=self._publish,
            contact_known=self._listen_to,
        )
        self._legs[order.call_id] = leg
        self._listen_to(contact)
        return leg

    def _on_the_phone(self, seat: str) -> bool:
        calls = [leg.call for leg in self._legs.values() if leg.seat == seat]
        return any(call is not None and call.ended is None for call in calls)

    def _busy_legs(self) -> list[Leg]:
        """Those that have, or will have, one of the four places."""
        return [leg for leg in self._legs.values() if leg.call is not None or not leg.seat]

    def _reap(self, leg: Leg) -> None:
        del self._legs[leg.call_id]
        self._expected.remove(leg.call_id)
        if leg.contact and not any(other.contact == leg.contact for other in self._legs.values()):
            self._bus.unsubscribe(f"contact/{leg.contact}")
        following = self._next_briefs.pop(leg.call_id, None)
        if following is not None and not self._stopping:
            self._brief(following, "")

    def _refuse(self, call_id: str, contact: str, why: str) -> None:
        self._report(CallBroken(call_id=call_id, contact=contact, why=why))

    def _end_everything(self, reason: str) -> None:
        for leg in self._legs.values():
            leg.end("ordered", reason)
        for _, call in self._unbriefed:
            call.hang_up()

    def _forget(self, seat: Seat) -> None:
        del self._seats[seat.order.seat]
        seat.close()

    def _registered(self, message: Registered) -> None:
        for whom in ("fleet", "brain"):
            self._bus.send(whom, message, durable=True)

    def _listen_to(self, contact: str) -> None:
        if contact:
            self._bus.subscribe(f"contact/{contact}")

    def _report(self, message: Message) -> None:
        if isinstance(message, CallEnded | CallBroken):  # the place is free before anybody can ask for it
            self._bus.send("fleet", CallClosed(call_id=message.call_id), durable=True)
        self._bus.send("brain", message, durable=True)

    def _publish(self, message: Spoken) -> None:
        if message.contact:
            self._bus.send(f"contact/{message.contact}", message)
