"""What a student may save, what the page hides and computes, undoing, and who is refused why."""

import pytest
from lab_rows import Lab
from sqlmodel import select

from lab_server.desk import entries, orders, surveys, tickets
from lab_server.desk.desk import Desk
from lab_server.desk.errors import (
    BadValueError,
    DeskError,
    GradedError,
    KeyReusedError,
    NothingToUndoError,
    NotYoursError,
    UnknownContactError,
    UnknownFieldError,
    WrongFormError,
)
from lab_server.ids import new_id
from lab_server.store import journal
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Contact, DeskEntry, Form, Job, Scorecard, User


def save(
    lab: Lab, contact: str, form: Form, values: dict[str, str], *, key: str | None = None, actor: User | None = None
) -> DeskEntry:
    with writing(lab.engine) as session:
        desk = Desk(session, lab.clock, actor or lab.student)
        return entries.save_entry(desk, contact, form, values, key or new_id())


def undo(lab: Lab, contact: str, form: Form, key: str | None = None) -> DeskEntry | None:
    with writing(lab.engine) as session:
        return entries.undo(Desk(session, lab.clock, lab.student), contact, form, key or new_id())


def kinds(lab: Lab, contact: str) -> list[str]:
    with reading(lab.engine) as session:
        return [entry.kind for entry in journal.read(session, contact)]


def test_a_ticket_is_what_was_typed(lab: Lab) -> None:
    contact = lab.serve("complaint")
    entry = save(lab, contact, "ticket", {"name": " 张 伟", "phone": "163 0000 0001", "wish": ""})
    assert entry.values == {"name": " 张 伟", "phone": "163 0000 0001"}
    with reading(lab.engine) as session:
        ticket = tickets.of_contact(session, contact)
    assert ticket is not None
    assert (ticket.fields, ticket.user_id, ticket.mode) == (entry.values, lab.student.id, "training")
    assert ticket.session_id == lab.session_id


def test_every_save_is_kept_and_can_be_undone_back_to_nothing(lab: Lab) -> None:
    contact = lab.serve("complaint")
    for name in ("张伟", "张玮", "章伟"):
        save(lab, contact, "ticket", {"name": name})
    assert undo(lab, contact, "ticket").values == {"name": "张玮"}  # type: ignore[union-attr]
    assert undo(lab, contact, "ticket").values == {"name": "张伟"}  # type: ignore[union-attr]
    with reading(lab.engine) as session:
        assert tickets.of_contact(session, contact).fields == {"name": "张伟"}  # type: ignore[union-attr]
    assert undo(lab, contact, "ticket") is None
    with reading(lab.engine) as session:
        assert tickets.of_contact(session, contact) is None
        assert [entry.version for entry in entries.history(session, contact)] == [1, 2, 3]
    with pytest.raises(NothingToUndoError):
        undo(lab, contact, "ticket")
    assert save(lab, contact, "ticket", {"name": "again"}).version == 4
    assert kinds(lab, contact) == ["desk.saved"] * 3 + ["desk.undone"] * 3 + ["desk.saved"]


def test_a_click_that_arrives_twice_saves_once_and_undoes_once(lab: Lab) -> None:
    contact = lab.serve("complaint")
    first = save(lab, contact, "ticket", {"name": "one"})
    again = [save(lab, contact, "ticket", {"name": "two"}, key="click") for _ in range(2)]
    assert again[0].id == again[1].id
    for _ in range(2):
        assert undo(lab, contact, "ticket", key="back").id == first.id  # type: ignore[union-attr]
    assert kinds(lab, contact) == ["desk.saved", "desk.saved", "desk.undone"]
    with pytest.raises(KeyReusedError):
        save(lab, lab.serve("complaint"), "ticket", {"name": "two"}, key="click")


def test_the_total_is_computed_whatever_was_typed(lab: Lab) -> None:
    contact = lab.serve("order")
    price = int(lab.cases["order"].truth.given["unit_price"])
    entry = save(lab, contact, "order", {"product": "电饭煲", "quantity": "三", "total": "1.00"})
    assert entry.values["total"] == f"{3 * price // 100}.{3 * price % 100:02}"
    with reading(lab.engine) as session:
        order = orders.of_contact(session, contact)
        assert order is not None
        items = orders.items_of(session, order.id)
    assert order.total_cents == 3 * price
    assert [(item.product, item.quantity, item.price_cents) for item in items] == [("电饭煲", 3, price)]


@pytest.mark.parametrize("quantity", ["9" * 20, "99999999", "9" * 2000])
def test_a_quantity_nobody_orders_is_kept_as_typed_and_makes_no_item(lab: Lab, quantity: str) -> None:
    contact = lab.serve("order")
    entry = save(lab, contact, "order", {"product": "电饭煲", "quantity": quantity})
    assert entry.values["quantity"] == quantity
    with reading(lab.engine) as session:
        order = orders.of_contact(session, contact)
        assert order is not None
        assert (order.total_cents, orders.items_of(session, order.id)) == (0, [])


def test_without_a_quantity_there_is_no_total(lab: Lab) -> None:
    contact = lab.serve("order")
    save(lab, contact, "order", {"product": "电饭煲", "quantity": "2"})
    entry = save(lab, contact, "order", {"product": "电饭煲", "quantity": "several", "total": "9.00"})
    assert "total" not in entry.values
    with reading(lab.engine) as session:
        order = orders.of_contact(session, contact)
        assert order is not None
        assert (order.total_cents, orders.items_of(session, order.id)) == (0, [])
    undo(lab, contact, "order")
    undo(lab, contact, "order")
    with reading(lab.engine) as session:
        assert orders.of_contact(session, contact) is None


def test_a_hidden_question_keeps_no_answer(lab: Lab) -> None:
    contact = lab.serve("survey")
    truth = lab.cases["survey"].truth
    hidden = next(field for field in truth.fields if field.shown_if is not None and field.shown_if.among)
    condition = hidden.shown_if
    assert condition is not None
    asks = truth.field(condition.fact)
    shows = condition.among[0]
    hides = next(choice.code for choice in asks.choices if choice.code not in condition.among)
    assert save(lab, contact, "survey", {asks.field: shows, hidden.field: "x"}).values == {
        asks.field: shows,
        hidden.field: "x",
    }
    assert save(lab, contact, "survey", {asks.field: hides, hidden.field: "x"}).values == {asks.field: hides}
    with reading(lab.engine) as session:
        assert surveys.of_contact(session, contact) == {asks.field: hides}


def test_only_who_answered_may_write(lab: Lab) -> None:
    contact = lab.serve("complaint")
    with pytest.raises(NotYoursError, match="not answered at your seat"):
        save(lab, contact, "ticket", {"name": "x"}, actor=lab.other)
    with pytest.raises(UnknownContactError):
        save(lab, new_id(), "ticket", {"name": "x"})
    with reading(lab.engine) as session:
        assert entries.history(session, contact) == []
    assert kinds(lab, contact) == []


@pytest.mark.parametrize(
    ("form", "values", "error"),
    [
        ("order", {"product": "x"}, WrongFormError),
        ("ticket", {"colour": "red"}, UnknownFieldError),
        ("ticket", {"name": "x" * 2001}, BadValueError),
        ("ticket", {"name": "x\0"}, BadValueError),
        ("ticket", {"name": "x\ud800"}, BadValueError),
    ],
)
def test_bad_input_is_refused_and_nothing_is_changed(
    lab: Lab, form: Form, values: dict[str, str], error: type[DeskError]
) -> None:
    contact = lab.serve("complaint")
    save(lab, contact, "ticket", {"name": "kept"})
    with pytest.raises(error):
        save(lab, contact, form, values)
    with reading(lab.engine) as session:
        assert entries.current(session, contact, "ticket").values == {"name": "kept"}  # type: ignore[union-attr]
    assert kinds(lab, contact) == ["desk.saved"]


def test_wrap_up_ends_once_and_has_the_call_graded(lab: Lab) -> None:
    contact = lab.serve("complaint")
    with writing(lab.engine) as session:
        wrapped = entries.finish_wrap_up(Desk(session, lab.clock, lab.student), contact).wrapped_at
    lab.clock.forward(30)
    with writing(lab.engine) as session:
        assert entries.finish_wrap_up(Desk(session, lab.clock, lab.student), contact).wrapped_at == wrapped
    with reading(lab.engine) as session:
        assert [(job.kind, job.key) for job in session.exec(select(Job))] == [("grade", contact)]
    assert kinds(lab, contact) == ["wrap_up.finished"]


def test_the_floors_limit_ends_a_wrap_up_too(lab: Lab) -> None:
    contact = lab.serve("complaint")
    with writing(lab.engine) as session:
        entries.close(session, lab.clock, session.get_one(Contact, contact))
    with reading(lab.engine) as session:
        assert session.get_one(Contact, contact).wrapped_at == lab.clock.utc()
        assert session.exec(select(Job.key)).all() == [contact]


def test_what_was_graded_stays_as_it_was_graded(lab: Lab) -> None:
    contact = lab.serve("complaint")
    save(lab, contact, "ticket", {"name": "x"})
    with writing(lab.engine) as session:
        session.add(Scorecard(site_id=lab.site.id, contact_id=contact, graded_at=lab.clock.utc()))
    with pytest.raises(GradedError):
        save(lab, contact, "ticket", {"name": "better"})
    with pytest.raises(GradedError):
        undo(lab, contact, "ticket")
