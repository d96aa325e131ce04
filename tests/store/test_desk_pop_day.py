"""The screen pop in one call, talk scripts with blanks, the knowledge base, the day; with the example's content."""

import pytest
from lab_rows import Lab

from datasets.school.articles import articles as example_articles
from lab_server.desk import entries, example, notes
from lab_server.desk.crm import records
from lab_server.desk.day import board, notices
from lab_server.desk.errors import (
    BadValueError,
    NoRightError,
    NotYoursError,
    StateError,
    UnknownArticleError,
    UnknownUserError,
)
from lab_server.desk.knowledge import articles, scripts
from lab_server.desk.knowledge.scripts import ScriptStep
from lab_server.desk.ownership import Part
from lab_server.desk.pop import Pop, pop
from lab_server.desk.ticketing import work
from lab_server.ids import new_id
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Leg, Recording, User


@pytest.fixture
def school(lab: Lab) -> Lab:
    """With the example's content."""
    admin = lab.staff("admin")
    with writing(lab.engine) as session:
        assert example.fill(session, lab.clock, admin)
        assert not example.fill(session, lab.clock, admin)
    return lab


def shown(lab: Lab, contact: str, actor: User | None = None) -> Pop:
    from lab_server.desk.desk import Desk

    with reading(lab.engine) as session:
        return pop(Desk(session, lab.clock, actor or lab.student), contact, "zh-CN")


def test_one_call_gives_all_that_the_page_shows(school: Lab) -> None:
    lab, number = school, school.cases["complaint"].caller_number
    with lab.desk(lab.student) as desk:
        one = records.create(desk, "training", {"number": number, "name": "欧阳丽", "salutation": "f"})
    earlier = lab.serve("complaint")
    with lab.desk(lab.student) as desk:
        notes.save(desk, earlier, text="要退货", disposition="ticket")
        work.open_ticket(desk, "training", "fault", "电压力锅漏气", customer_id=one.id)
        leg = desk.session.exec(Leg.__table__.select().where(Leg.contact_id == earlier)).first()  # type: ignore[attr-defined]
        desk.session.add(
            Recording(
                site_id=lab.site.id, contact_id=earlier, leg_id=leg.id, path="x.wav", duration_s=60.0,
                created_at=lab.clock.utc(),
            )
        )  # fmt: skip
    now = lab.serve("complaint", ended=False)
    page = shown(lab, now)
    assert (page.customer.name, page.part) == ("欧阳丽", Part.OWNER)  # type: ignore[union-attr]
    assert page.virtual
    (last,) = page.calls
    assert (last.contact_id, last.agent, last.notes[0].text, len(last.recordings)) == (earlier, "1001", "要退货", 1)
    assert [ticket.title for ticket in page.tickets] == ["电压力锅漏气"]
    assert page.script is not None
    assert page.script.queue == "complaint"
    assert page.script.steps[0].text.startswith("下午好，欧阳女士，我是1001")
    assert page.articles[0].title == "电压力锅漏气、响声大"
    assert page.form is not None
    assert page.offered_forms == ()
    assert {one.code for one in page.dispositions} >= {"solved", "ticket"}
    with pytest.raises(NotYoursError):
        shown(lab, now, lab.other)
    truth = lab.cases["complaint"].truth
    hidden = [fact.value for fact in truth.facts if fact.kind == "text" and fact.key not in truth.given]
    assert hidden
    assert not any(value in page.model_dump_json() for value in hidden)


def test_a_new_number_is_addressed_politely_and_says_where_it_is_from(school: Lab) -> None:
    page = shown(school, school.serve("complaint", ended=False))
    assert page.customer is None
    assert page.origin is not None
    assert page.script is not None
    assert "下午好，感谢来电，" in page.script.steps[0].text


def test_whoever_gets_the_call_gets_its_notes(school: Lab) -> None:
    lab = school
    contact = lab.serve("complaint", ended=False)
    with lab.desk(lab.student) as desk:
        notes.save(desk, contact, text="客户要退款")
        entries.save_entry(desk, contact, "ticket", {"name": "张伟"}, new_id())
        now = lab.clock.utc()
        first = desk.session.exec(
            Leg.__table__.select().where(Leg.contact_id == contact, Leg.name == "agent-1")
        ).first()  # type: ignore[attr-defined]
        desk.session.get_one(Leg, first.id).ended_at = now
        desk.session.add(
            Leg(site_id=lab.site.id, contact_id=contact, name="agent-2", role="agent", number="1002", seat="1002",
                user_id=lab.other.id, started_at=now, answered_at=now)
        )  # fmt: skip
    page = shown(lab, contact, lab.other)
    assert (page.part, page.notes[0].text, page.drafted.values) == (Part.OWNER, "客户要退款", {"name": "张伟"})  # type: ignore[union-attr]
    assert shown(lab, contact).part is Part.FORMER


def test_markup_and_braces_in_a_name_are_just_text(school: Lab) -> None:
    number = school.cases["complaint"].caller_number
    with school.desk(school.student) as desk:
        records.create(desk, "training", {"number": number, "name": "{agent}<b>", "salutation": "m"})
    page = shown(school, school.serve("complaint", ended=False))
    assert page.customer is not None
    assert page.customer.name == "{agent}<b>"
    assert "{agent}<b>" in page.script.steps[0].text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("电压力锅 漏气", "电压力锅漏气、响声大"),
        ("请问退款多久能到账？", "退款几天能到账"),
        ("密码忘记了", "会员忘了密码"),
        ("refund arrive", "When does a refund arrive"),
        ("warranty", "How long is the warranty, and what does it cover"),
        ("INVOICES", "Invoices"),
        ("隐私", "客户信息能说什么"),
    ],
)
def test_an_article_is_found_by_how_people_ask(school: Lab, query: str, first: str) -> None:
    with school.desk(school.student) as desk:
        found = articles.find(desk, query)
    assert found[0].title == first


@pytest.mark.parametrize("query", ["%", '"', "' OR 1=1", "*", "\0", "\ud800", "AND OR NOT", "x" * 100_000, "(" * 999])
def test_no_question_breaks_the_knowledge_base(school: Lab, query: str) -> None:
    with school.desk(school.student) as desk:
        articles.find(desk, query)


def test_an_article_is_read_once_another_has_approved_it_and_old_versions_come_back(lab: Lab) -> None:
    boss = lab.staff("supervisor")
    with lab.desk(lab.student) as desk:
        one = articles.write(desk, "tea", "en", "Brewing tea", "Ninety degrees.")
        with pytest.raises(UnknownArticleError):
            articles.read(desk, one.id)
        articles.submit(desk, one.id)
        with pytest.raises(NoRightError):
            articles.approve(desk, one.id)
    with lab.desk(boss) as desk:
        assert [line.key for line in articles.waiting(desk)] == ["tea"]
        articles.approve(desk, one.id)
        articles.write(desk, "tea", "en", "Brewing tea", "Boiling water.")
        articles.submit(desk, one.id)
        with pytest.raises(NotYoursError, match="somebody else"):
            articles.approve(desk, one.id)
    with lab.desk(lab.student) as desk:
        assert articles.read(desk, one.id).body == "Ninety degrees."
        assert articles.find(desk, "boiling") == ()
        articles.mark(desk, one.id, favourite=True)
        assert [line.favourite for line in articles.find(desk, "", favourites=True)] == [True]
        with pytest.raises(StateError, match="judged first"):
            articles.write(desk, "tea", "en", "x", "y")
    with lab.desk(lab.staff("instructor")) as desk:
        articles.approve(desk, one.id)
    with lab.desk(lab.student) as desk:
        assert len(articles.find(desk, "boil")) == 1
        assert len(articles.history(desk, one.id)) == 2
    with lab.desk(boss) as desk:
        articles.bring_back(desk, one.id, 1)
        assert articles.find(desk, "boiling") == ()
        articles.retire(desk, one.id)
        assert articles.find(desk, "ninety") == ()
        articles.retire(desk, one.id, back=True)
        assert len(articles.find(desk, "ninety")) == 1


def test_a_script_with_a_blank_nobody_knows_is_refused_and_the_old_one_comes_back(lab: Lab) -> None:
    boss = lab.staff("instructor")
    with lab.desk(boss) as desk:
        first = scripts.save(desk, "order", "en", "One", [ScriptStep(key="greet", title="", text="Hi {caller|there}")])
        with pytest.raises(BadValueError, match=r"\{salary\} is no blank"):
            scripts.save(desk, "order", "en", "Two", [ScriptStep(key="greet", title="", text="{salary}")])
        scripts.save(desk, "order", "en", "Two", [ScriptStep(key="greet", title="", text="Hello")])
        scripts.bring_back(desk, first.id)
        assert [(one.version, one.title) for one in scripts.history(desk, "order", "en")] == [
            (3, "One"),
            (2, "Two"),
            (1, "One"),
        ]
        found = scripts.for_queue(desk.session, lab.site.id, "order", "zh-CN")
        assert found is not None
        assert found.title == "One"
    with pytest.raises(NoRightError), lab.desk(lab.student) as desk:
        scripts.save(desk, "order", "en", "x", [])


def test_the_day_counts_what_was_served_and_how_it_was_rated(lab: Lab) -> None:
    lab.serve("complaint")
    lab.serve("survey")
    lab.serve("order", seat="1002")
    with lab.desk(lab.student) as desk:
        day = board.today(desk, "training")
    assert (day.figures.inbound, day.figures.outbound, day.figures.talk_s, day.figures.rating) == (1, 1, 120.0, 5.0)
    assert [call.queue for call in day.calls] == ["survey", "complaint"]
    assert [(one.mailbox, one.new) for one in day.mailboxes] == [("1001", 0)]
    lab.clock.forward(86400)
    with lab.desk(lab.student) as desk:
        assert board.figures(desk) == board.MyFigures()
        assert len(board.calls(desk)) == 2


def test_colleagues_write_each_other_and_announcements_reach_whom_they_are_for(lab: Lab) -> None:
    boss, grader, stranger = lab.staff("supervisor"), lab.staff("grader"), lab.stranger()
    with lab.desk(boss) as desk:
        notices.send(desk, grader.id, "<b>看一下</b>", "k")
        notices.send(desk, grader.id, "<b>看一下</b>", "k")
        for wrong in (lab.student.id, stranger.id, "nobody"):
            with pytest.raises(UnknownUserError):
                notices.send(desk, wrong, "x", new_id())
        with pytest.raises(BadValueError):
            notices.send(desk, grader.id, "  ", new_id())
        told = notices.announce(desk, "明天停电", "", roles=("student",))
    with lab.desk(grader) as desk:
        assert notices.unread(desk) == {boss.id: 1}
        assert [one.text for one in notices.with_colleague(desk, boss.id)] == ["<b>看一下</b>"]
        assert notices.talks(desk)[0].unread == 1
        assert (notices.mark_read(desk, boss.id), notices.unread(desk)) == (1, {})
        assert notices.announcements(desk) == ()
    with lab.desk(lab.student) as desk:
        assert [(one.title, one.read) for one in notices.announcements(desk)] == [("明天停电", False)]
        notices.mark_announcement(desk, told.id)
        assert notices.announcements(desk)[0].read
        with pytest.raises(NoRightError):
            notices.announce(desk, "x", "")
    with lab.desk(boss) as desk:
        notices.withdraw(desk, told.id)
    with lab.desk(lab.student) as desk:
        assert notices.announcements(desk) == ()


def test_every_article_is_there_in_both_languages() -> None:
    assert len(example_articles()) == 40
