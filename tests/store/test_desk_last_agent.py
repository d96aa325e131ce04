"""Who served a number last, whatever the number of contacts; a customer's further numbers."""

from datetime import timedelta

import pytest
from lab_rows import NOON, Lab
from sqlalchemy import Engine, func, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import select

from lab_server.desk import contacts, customers
from lab_server.desk.errors import BadValueError, TakenError, UnknownCustomerError, VirtualNumberError
from lab_server.desk.last_agent import LastAgent, last_agent, newest_leg
from lab_server.desk.users import sit_down
from lab_server.ids import new_id
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Contact, Customer, Leg, Seat, User

MANY = 100_000


def last(lab: Lab, number: str) -> LastAgent | None:
    with reading(lab.engine) as session:
        return last_agent(session, lab.site.id, "training", number)


def test_the_last_to_serve_is_found_by_any_spelling_and_where_he_sits_now(lab: Lab) -> None:
    number = lab.cases["complaint"].caller_number
    assert last(lab, number) is None
    lab.serve("complaint", seat="1002")
    lab.serve("complaint", seat="1001")
    found = last(lab, f"+86 {number}")
    assert found is not None
    assert (found.seat, found.user_id) == ("1001", lab.student.id)
    with writing(lab.engine) as session:
        sit_down(session, session.get_one(User, lab.student.id), "1003")
    assert last(lab, number).seat == "1003"  # type: ignore[union-attr]
    with writing(lab.engine) as session:
        session.exec(select(Seat).where(Seat.number == "1003")).one().user_id = None
    assert last(lab, number).seat is None  # type: ignore[union-attr]
    with reading(lab.engine) as session:
        assert last_agent(session, lab.site.id, "production", number) is None


def test_a_call_out_counts_and_one_nobody_answered_does_not(lab: Lab) -> None:
    contact = lab.serve("survey")
    number = lab.cases["survey"].caller_number
    assert last(lab, number).seat == "1001"  # type: ignore[union-attr]
    with writing(lab.engine) as session:
        session.exec(select(Leg).where(Leg.contact_id == contact, Leg.role == "agent")).one().answered_at = None
    assert last(lab, number) is None


def test_who_hides_the_number_has_no_last_agent(lab: Lab) -> None:
    for caller in ("anonymous", ""):
        with writing(lab.engine) as session:
            contact = contacts.begin(
                session, lab.site, contact_id=new_id(), mode="training", direction="in", trunk="lab", caller=caller,
                called="95500", offered_at=NOON,
            )  # fmt: skip
            session.add(
                Leg(site_id=lab.site.id, contact_id=contact.id, name="agent-1", role="agent", seat="1001",
                    started_at=NOON, answered_at=NOON)
            )  # fmt: skip
        assert (contact.customer_number, last(lab, caller)) == ("", None)


def test_among_a_hundred_thousand_contacts_indexes_find_the_caller(lab: Lab) -> None:
    contact = lab.serve("complaint")
    number = lab.cases["complaint"].caller_number
    fill(lab, contact)
    with reading(lab.engine) as session:
        assert session.exec(select(func.count()).select_from(Contact)).one() > MANY
    plan = explained(lab.engine, newest_leg(lab.site.id, "training", f"+86{number}"))
    assert "ix_contact_site_id_mode_customer_number_offered_at" in plan
    assert "ix_leg_contact_id" in plan or "uq_leg_contact_id_name" in plan or "sqlite_autoindex_leg" in plan
    assert "SCAN" not in plan.replace("Index Scan", "").replace("Bitmap Heap Scan", "").upper().replace(
        "INDEX SCAN", ""
    )
    assert last(lab, number).seat == "1001"  # type: ignore[union-attr]
    found = explained(
        lab.engine,
        select(Customer).where(
            Customer.site_id == lab.site.id, Customer.mode == "training", Customer.number == f"+86{number}"
        ),
    )
    assert "ix_customer_site_id_mode_number" in found


def fill(lab: Lab, contact: str) -> None:
    """Copies of the contact and its agent's leg, and a customer each, for a hundred thousand other numbers."""
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})"
        if lab.engine.dialect.name == "sqlite"
        else f"WITH n(i) AS (SELECT generate_series(1, {MANY}))"
    )
    id_of = "substr('00000000000000000000000000' || i, length('00000000000000000000000000' || i) - 25)"
    changed = {"id": id_of, "customer_number": "'+8616' || (400000000 + i)"}
    of_leg = {"id": id_of, "contact_id": id_of}
    with lab.engine.begin() as connection:
        for table, changes, where in (
            ("contact", changed, f"source.id = '{contact}'"),
            ("leg", of_leg, f"source.contact_id = '{contact}' AND source.role = 'agent'"),
        ):
            model = {"contact": Contact, "leg": Leg}[table]
            columns = [column.name for column in model.__table__.columns]  # type: ignore[attr-defined]
            taken = ", ".join(changes.get(name, f'source."{name}"') for name in columns)
            quoted = ", ".join(f'"{name}"' for name in columns)
            statement = f"INSERT INTO {table} ({quoted}) {numbers} SELECT {taken} FROM n, {table} source WHERE {where}"
            connection.execute(text(statement))
        connection.execute(
            text(
                "INSERT INTO customer (id, site_id, mode, number, dialled, is_virtual, name, address, note, is_vip,"
                f" created_at, updated_at) {numbers} SELECT {id_of}, '{lab.site.id}', 'training',"
                " '+8616' || (400000000 + i), '', true, '', '', '', false, '2026-11-20 04:00:00', '2026-11-20 04:00:00'"
                " FROM n"
            )
        )
    with lab.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def explained(engine: Engine, statement: object) -> str:
    dialect = sqlite.dialect() if engine.dialect.name == "sqlite" else postgresql.dialect()
    sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))  # type: ignore[attr-defined]
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with engine.connect() as connection:
        return "\n".join(str(tuple(row)) for row in connection.exec_driver_sql(f"{explain} {sql}"))


def test_the_next_number_when_one_is_busy(lab: Lab) -> None:
    with writing(lab.engine) as session:
        known = customers.save(session, lab.clock, lab.site, "training", "163 0000 0001", name="张伟")
    with lab.desk(lab.staff("supervisor")) as desk:
        for number, label in (("16300000002", "office"), ("0755 8888 8888", "home")):
            customers.add_number(desk, known.id, number, label)
        with pytest.raises(TakenError):
            customers.add_number(desk, known.id, "+8616300000001")
        with pytest.raises(BadValueError):
            customers.add_number(desk, known.id, "anonymous")
        assert customers.next_number(desk.session, known.id, "+8616300000001") == "16300000002"
        assert customers.next_number(desk.session, known.id, "16300000002") == "0755 8888 8888"
        assert customers.next_number(desk.session, known.id, "075588888888") is None
        assert customers.next_number(desk.session, known.id, "13800138000") is None
        customers.remove_number(desk, known.id, "16300000002")
        assert customers.numbers_of(desk.session, known.id) == ["163 0000 0001", "0755 8888 8888"]
    with lab.desk(lab.stranger()) as desk, pytest.raises(UnknownCustomerError):
        customers.add_number(desk, known.id, "16300000003")


def test_a_customer_who_rings_from_the_office_is_known(lab: Lab) -> None:
    with writing(lab.engine) as session:
        known = customers.save(session, lab.clock, lab.site, "training", "16300000001", name="张伟")
    with lab.desk(lab.staff("supervisor")) as desk:
        customers.add_number(desk, known.id, "16300000002", "office")
    with reading(lab.engine) as session:
        assert customers.find(session, lab.site.id, "training", "+86 16300000002").id == known.id  # type: ignore[union-attr]
        assert customers.find(session, lab.site.id, "production", "16300000002") is None
    with writing(lab.engine) as session:
        lab.clock.forward(timedelta(days=1).total_seconds())
        own = customers.save(session, lab.clock, lab.site, "training", "16300000009", name="李娜")
    with lab.desk(lab.staff("supervisor")) as desk:
        customers.add_number(desk, known.id, "16300000009")
        assert customers.find(desk.session, lab.site.id, "training", "16300000009") == own  # one's own number first


def test_no_virtual_number_becomes_a_further_one_in_production(lab: Lab) -> None:
    with writing(lab.engine) as session:
        known = customers.save(session, lab.clock, lab.site, "production", "13800138000", name="x")
    with lab.desk(lab.staff("supervisor")) as desk, pytest.raises(VirtualNumberError):
        customers.add_number(desk, known.id, "16300000001")
