"""Customers by any spelling of their number, the screen pop, users and seats."""

import pytest
from lab_rows import NOON, Lab

from lab_server.config import Settings
from lab_server.desk import contacts, customers, entries
from lab_server.desk.desk import Desk
from lab_server.desk.errors import BadValueError, NotYoursError, UserError, VirtualNumberError
from lab_server.desk.sites import ensure_site
from lab_server.desk.users import at_seat, ensure_user, logged_in, sit_down
from lab_server.ids import new_id
from lab_server.store.engine import reading, writing
from lab_server.store.tables import User

SPELLINGS = ["16300000001", "163 0000 0001", "+86 163-0000-0001", "008616300000001", "１６３０００００００１"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_customer_is_found_by_any_spelling(lab: Lab, spelling: str) -> None:
    with writing(lab.engine) as session:
        made = customers.save(session, lab.clock, lab.site, "training", "163-0000-0001", name="张伟")
        assert made.number == "+8616300000001"
        assert made.dialled == "163-0000-0001"
    with writing(lab.engine) as session:
        again = customers.save(session, lab.clock, lab.site, "training", spelling, address="杭州市")
        assert (again.id, again.name, again.address) == (made.id, "张伟", "杭州市")
        assert customers.find(session, lab.site.id, "production", spelling) is None


@pytest.mark.parametrize(
    ("dialled", "number"), [("020-8888 6666", "+862088886666"), ("+49 30 901820", "+4930901820"), ("1003", "1003")]
)
def test_other_numbers_have_one_spelling_too(lab: Lab, dialled: str, number: str) -> None:
    with writing(lab.engine) as session:
        assert customers.save(session, lab.clock, lab.site, "training", dialled).number == number


def test_a_virtual_number_is_refused_in_production(lab: Lab) -> None:
    with pytest.raises(VirtualNumberError), writing(lab.engine) as session:
        customers.save(session, lab.clock, lab.site, "production", "+86 164 0000 0000")
    with pytest.raises(VirtualNumberError), writing(lab.engine) as session:
        contacts.begin(
            session, lab.site, contact_id=new_id(), mode="production", direction="out", trunk="carrier",
            caller="1001", called="0086 164 0000 0000", offered_at=NOON,
        )  # fmt: skip
    with pytest.raises(BadValueError), writing(lab.engine) as session:
        customers.save(session, lab.clock, lab.site, "training", " ")


def test_the_screen_pop_shows_the_record_and_no_truth(lab: Lab) -> None:
    case = lab.cases["order"]
    with writing(lab.engine) as session:
        customers.save(session, lab.clock, lab.site, "training", case.caller_number, note="old friend")
    before = lab.serve("order")
    with writing(lab.engine) as session:
        entries.save_entry(Desk(session, lab.clock, lab.student), before, "order", {"product": "拖把"}, new_id())
    contact = lab.serve("order")
    lab.tell_all("order", contact)
    with reading(lab.engine) as session:
        pop = contacts.screen_pop(session, lab.student, contact)
        with pytest.raises(NotYoursError):
            contacts.screen_pop(session, lab.other, contact)
    assert pop.number == case.caller_number
    assert pop.customer is not None
    assert pop.customer.note == "old friend"
    assert {one.kind for one in pop.earlier} == {"contact", "order"}
    assert pop.form is not None
    assert pop.form.given == case.truth.given
    shown = pop.model_dump_json()
    for fact in case.truth.facts:
        if fact.key in case.truth.given or fact.value == case.caller_number or fact.kind in {"count", "choice"}:
            continue  # known without asking, or a word that the form itself is made of
        assert fact.value not in shown, fact.key


def test_a_seat_has_one_user_and_a_user_one_seat(lab: Lab) -> None:
    with writing(lab.engine) as session:
        sit_down(session, session.get_one(User, lab.student.id), "1002")
        assert at_seat(session, lab.site.id, "1001") is None
        assert at_seat(session, lab.site.id, "1002").id == lab.student.id  # type: ignore[union-attr]
        with pytest.raises(UserError, match="no seat 4444"):
            sit_down(session, lab.student, "4444")


def test_users_are_made_once_and_passwords_are_not_kept(lab: Lab) -> None:
    def ensure(login: str, password: str | None = "correct horse", **more: bool) -> User:
        with writing(lab.engine) as session:
            return ensure_user(
                session, lab.clock, site_id=lab.site.id, login=login, name="Li", role="instructor", password=password,
                **more,
            )  # fmt: skip

    made = ensure("li.hua")
    assert ensure("li.hua").id == made.id
    assert made.password.startswith("$argon2id$")
    assert "horse" not in made.password
    with reading(lab.engine) as session:
        assert logged_in(session, lab.site.id, "li.hua", "correct horse").id == made.id  # type: ignore[union-attr]
        assert logged_in(session, lab.site.id, "li.hua", "wrong horse") is None
        assert logged_in(session, lab.site.id, "robot-1001", "") is None
    for login, password, more in [("Li Hua", None, {}), ("x", "short", {}), ("y", "long enough", {"is_robot": True})]:
        with pytest.raises(UserError):
            ensure(login, password, **more)
    with pytest.raises(UserError, match="as student"):
        ensure("robot-1001")


def test_the_site_is_made_once_and_follows_the_settings(lab: Lab) -> None:
    with writing(lab.engine) as session:
        first = ensure_site(session, lab.clock, Settings(site_name="New", seats=2))
        again = ensure_site(session, lab.clock, Settings(site_name="New", seats=3, number_prefixes=("163",)))
        assert again.id == first.id
        assert again.virtual_prefixes == ["163"]
        assert at_seat(session, again.id, "1003") is None
