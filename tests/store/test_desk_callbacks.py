"""Call-backs keep their place through everything, and come to an end."""

from datetime import timedelta
from typing import Any

import pytest
from lab_rows import Lab

from lab_server.desk import callbacks, contacts
from lab_server.desk.errors import (
    BadValueError,
    CallbackStateError,
    NoRightError,
    UnknownCallbackError,
    UnknownContactError,
    VirtualNumberError,
)
from lab_server.ids import new_id
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Callback

NUMBER = "16300000001"


def order(lab: Lab, number: str = NUMBER, **more: Any) -> Callback:
    contact = lab.serve("complaint")
    with writing(lab.engine) as session:
        return callbacks.order(
            session, lab.clock, contact_id=contact, number=number, queue="service",
            **({"since": lab.clock.utc()} | more),
        )  # fmt: skip


def open_ones(lab: Lab) -> list[str]:
    with reading(lab.engine) as session:
        return [one.id for one in callbacks.waiting_callbacks(session, lab.site.id)]


def due(lab: Lab) -> list[str]:
    with writing(lab.engine) as session:
        return [one.id for one in callbacks.due(session, lab.clock, lab.site.id)]


def do(lab: Lab, step: Any, *arguments: Any, **more: Any) -> Callback:
    with writing(lab.engine) as session:
        done = step(session, lab.clock, *arguments, **more)
        assert isinstance(done, Callback)
        return done


def test_they_stand_in_the_order_of_priority_and_place_not_of_ordering(lab: Lab) -> None:
    now = lab.clock.utc()
    late = order(lab, "16300000001", since=now)
    early = order(lab, "16300000002", since=now - timedelta(seconds=60))
    vip = order(lab, "16300000003", since=now + timedelta(seconds=60), priority=5)
    tomorrow = order(lab, "16300000004", since=now, due=now + timedelta(days=1))
    assert open_ones(lab) == [vip.id, early.id, late.id, tomorrow.id]
    assert due(lab) == [vip.id, early.id, late.id]
    lab.clock.forward(86400)
    assert tomorrow.id in due(lab)


def test_a_second_order_keeps_the_first_place(lab: Lab) -> None:
    first = order(lab)
    again = order(lab, "+86 163 0000 0001", since=lab.clock.utc())
    assert (again.id, again.since) == (first.id, first.since)
    assert order(lab, "16300000009").id != first.id
    do(lab, callbacks.offer, first.id, "1001")
    do(lab, callbacks.dial, first.id, new_id())
    do(lab, callbacks.finish, first.id, "answered", reached=True)
    assert order(lab).id != first.id


def test_a_customer_who_is_not_reached_is_tried_three_times(lab: Lab) -> None:
    one = order(lab, wants={"language": "en"})
    for tries in (1, 2, 3):
        assert due(lab) == [one.id]
        assert do(lab, callbacks.offer, one.id, "1001").seat == "1001"
        assert due(lab) == []
        assert do(lab, callbacks.dial, one.id, contact := new_id()).dialled_contact_id == contact
        assert open_ones(lab) == [one.id]
        ended = do(lab, callbacks.finish, one.id, "busy", reached=False, retry_s=120)
        assert (ended.tries, ended.last_result, ended.since, ended.wants) == (
            tries, "busy", one.since, {"language": "en"},
        )  # fmt: skip
        assert due(lab) == []
        lab.clock.forward(120)
    assert ended.state == "failed"
    assert open_ones(lab) == []
    with lab.desk(lab.staff("supervisor")) as desk:
        assert callbacks.listed(desk, "training") == []
        assert [each.id for each in callbacks.listed(desk, "training", open_only=False)] == [one.id]
        callbacks.reopen(desk, one.id)
    assert due(lab) == [one.id]


def test_what_an_agent_did_not_take_waits_again_at_its_place(lab: Lab) -> None:
    first, second = order(lab), order(lab, "16300000002", since=lab.clock.utc() + timedelta(hours=1))
    do(lab, callbacks.offer, first.id, "1001")
    assert do(lab, callbacks.put_back, first.id).seat == ""
    assert due(lab) == [first.id, second.id]


def test_cancelling_can_be_undone_and_is_a_supervisors(lab: Lab) -> None:
    one = order(lab)
    with lab.desk(lab.student) as desk, pytest.raises(NoRightError):
        callbacks.cancel(desk, one.id)
    with lab.desk(lab.stranger()) as desk, pytest.raises(UnknownCallbackError):
        callbacks.cancel(desk, one.id)
    with lab.desk(lab.staff("supervisor")) as desk:
        callbacks.cancel(desk, one.id)
        callbacks.cancel(desk, one.id)
    assert open_ones(lab) == []
    with lab.desk(lab.staff("supervisor")) as desk:
        assert callbacks.reopen(desk, one.id).since == one.since
        with pytest.raises(CallbackStateError, match="is waiting: only an ended one"):
            callbacks.reopen(desk, one.id)
    assert due(lab) == [one.id]


def test_no_step_is_taken_twice_or_out_of_order(lab: Lab) -> None:
    one = order(lab)
    with pytest.raises(CallbackStateError, match="is waiting: it cannot become dialling"):
        do(lab, callbacks.dial, one.id, new_id())
    do(lab, callbacks.offer, one.id, "1001")
    with pytest.raises(CallbackStateError, match="is offered: it cannot become offered"):
        do(lab, callbacks.offer, one.id, "1002")
    do(lab, callbacks.dial, one.id, new_id())
    with lab.desk(lab.staff("supervisor")) as desk, pytest.raises(CallbackStateError):
        callbacks.cancel(desk, one.id)
    do(lab, callbacks.finish, one.id, "answered", reached=True)
    with pytest.raises(CallbackStateError):
        do(lab, callbacks.finish, one.id, "busy", reached=False)
    with pytest.raises(UnknownCallbackError):
        do(lab, callbacks.offer, "nothing", "1001")


@pytest.mark.parametrize("number", ["", "anonymous", "unknown"])
def test_who_hides_the_number_cannot_be_called_back(lab: Lab, number: str) -> None:
    with pytest.raises(BadValueError, match="ask the caller for a number"):
        order(lab, number)


def test_production_never_calls_a_virtual_customer_and_an_order_needs_its_contact(lab: Lab) -> None:
    with writing(lab.engine) as session:
        contact = contacts.begin(
            session, lab.site, contact_id=new_id(), mode="production", direction="in", trunk="carrier",
            caller="13800138000", called="95500", offered_at=lab.clock.utc(),
        )  # fmt: skip
    more: dict[str, Any] = {"queue": "service", "since": lab.clock.utc()}
    with pytest.raises(VirtualNumberError):
        do(lab, callbacks.order, contact_id=contact.id, number=NUMBER, **more)
    with pytest.raises(UnknownContactError):
        do(lab, callbacks.order, contact_id=new_id(), number="13800138000", **more)
    assert open_ones(lab) == []
    assert do(lab, callbacks.order, contact_id=contact.id, number="13800138000", **more).mode == "production"
