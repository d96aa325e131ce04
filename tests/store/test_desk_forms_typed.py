"""The school's own forms: versions, lessons, files; and what is typed is kept, in order, once, and is not lost."""

from datetime import timedelta

import pytest
from lab_rows import Lab

from lab_server.desk import contacts, drafts, entries
from lab_server.desk.errors import (
    BadValueError,
    GradedError,
    NoRightError,
    NotYoursError,
    TemplateError,
    UnknownFieldError,
    UnknownTemplateError,
    WrongFormError,
)
from lab_server.desk.forms import form_of
from lab_server.desk.templates import library
from lab_server.desk.templates.model import FieldKind, Template, TemplateField
from lab_server.desk.templates.transfer import imported
from lab_server.ids import new_id
from lab_server.store import journal
from lab_server.store.engine import reading, writing
from lab_server.store.tables import Contact, LabSession, Leg, Scorecard


def repair(*, fields: int = 4, lessons: bool = False) -> Template:
    return Template(
        key="repair",
        form="ticket",
        title={"zh-CN": "报修", "en": "Repair"},
        queues=("repair",),
        fields=tuple(
            TemplateField(
                key=f"q{at}",
                kind=FieldKind.TEXT,
                title={"en": f"Q{at}"},
                required=at == 0,
                lesson=1 + at // 4 if lessons else 1,
            )
            for at in range(fields)
        ),
    )


def publish(lab: Lab, template: Template) -> None:
    with lab.desk(lab.staff("instructor")) as desk:
        library.save_draft(desk, template)
        library.publish(desk, template.key)


def call(lab: Lab, queue: str = "repair") -> str:
    """A contact that comes of no case, answered by the student."""
    with writing(lab.engine) as session:
        contact = contacts.begin(
            session, lab.site, contact_id=new_id(), mode="training", direction="in", trunk="lab", caller="16300000077",
            called="95500", offered_at=lab.clock.utc(), session_id=lab.session_id,
        )  # fmt: skip
        contact.queue = queue
        now = lab.clock.utc()
        session.add(
            Leg(site_id=lab.site.id, contact_id=contact.id, name="agent-1", role="agent", number="1001", seat="1001",
                user_id=lab.student.id, started_at=now, answered_at=now)
        )  # fmt: skip
        return contact.id


def test_a_contact_stays_on_the_version_it_began_with(lab: Lab) -> None:
    publish(lab, repair(fields=4))
    first = call(lab)
    with lab.desk(lab.student) as desk:
        assert [one.key for one in library.offered(desk.session, desk.session.get_one(Contact, first))] == ["repair"]
        assert len(library.choose(desk, first, "repair").fields) == 4
    publish(lab, repair(fields=6))
    second = call(lab)
    with lab.desk(lab.student) as desk:
        assert len(library.choose(desk, second, "repair").fields) == 6
        assert len(library.choose(desk, first, "repair").fields) == 4
        with pytest.raises(UnknownFieldError):
            entries.save_entry(desk, first, "ticket", {"q5": "x"}, new_id())
        assert entries.save_entry(desk, second, "ticket", {"q5": "x"}, new_id()).values == {"q5": "x"}
        with pytest.raises(WrongFormError):
            entries.save_entry(desk, second, "order", {}, new_id())
    with lab.desk(lab.staff("instructor")) as desk:
        assert [(one.version, one.state) for one in library.listed(desk, key="repair")] == [
            (2, "published"),
            (1, "retired"),
        ]
        library.retire(desk, "repair")
    with pytest.raises(UnknownTemplateError), lab.desk(lab.student) as desk:
        library.choose(desk, call(lab), "repair")
    with pytest.raises(NoRightError), lab.desk(lab.student) as desk:
        library.save_draft(desk, repair())


def test_lesson_one_asks_four_questions_and_the_last_all_ten(lab: Lab) -> None:
    publish(lab, repair(fields=10, lessons=True))
    asked = {}
    for lesson in (1, 2, 3):
        with writing(lab.engine) as session:
            session.get_one(LabSession, lab.session_id).plan = {"lesson": lesson}
        with lab.desk(lab.student) as desk:
            asked[lesson] = len(library.choose(desk, call(lab), "repair").fields)
    assert asked == {1: 4, 2: 8, 3: 10}


@pytest.mark.parametrize(
    "text",
    [
        "", "- 1", "key: [", "a: &a [x]\nb: *a", "key: t\nform: ticket\ntitle: {}\nfields: []", "\0", "x" * 300_000,
        "!!python/object/apply:os.system [id]", "[" * 50_000,
        "key: t\nform: ticket\ntitle: {}\nfields: [{key: a, kind: text, title: {en: A}, jumps: [{to: a}]}]",
        "key: t\nform: ticket\ntitle: {}\nfields: [{key: a, kind: choice, title: {en: A}}]",
        "key: t\nform: ticket\ntitle: {}\n"
        "fields: [{key: a, kind: text, title: {en: A}, shown_if: [{field: b, op: filled}]}]",
    ],
)  # fmt: skip
def test_a_file_that_is_no_template_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(TemplateError) as refused:
        imported(text)
    assert str(refused.value)


def test_what_is_typed_survives_a_reload_and_late_keys_change_nothing(lab: Lab) -> None:
    contact, at = lab.serve("complaint"), lab.clock.utc()
    with lab.desk(lab.student) as desk:
        assert drafts.save_draft(desk, contact, "ticket", "name", "张", at)
        assert drafts.save_draft(desk, contact, "ticket", "name", "张伟", at + timedelta(seconds=1))
        assert not drafts.save_draft(desk, contact, "ticket", "name", "张", at)
        assert not drafts.save_draft(desk, contact, "ticket", "name", "张伟", at + timedelta(seconds=1))
        drafts.note_focus(desk, contact, "ticket", "phone", at)
        drafts.note_focus(desk, contact, "ticket", "phone", at)
        assert drafts.read(desk, contact, "ticket").values == {"name": "张伟"}
    with reading(lab.engine) as session:
        kinds = [(one.kind, one.data.get("field")) for one in journal.read(session, contact)]
        assert kinds == [("desk.filled", "name"), ("desk.filled", "name"), ("desk.focus", "phone")]
        assert "张" not in str([one.data for one in journal.read(session, contact)])
        assert entries.current(session, contact, "ticket") is None
    with lab.desk(lab.student) as desk:
        saved = drafts.save(desk, contact, "ticket", "k1")
        assert (saved.values, saved.unsaved) == ({"name": "张伟"}, ())
        drafts.save_draft(desk, contact, "ticket", "name", "", lab.clock.utc())
        assert drafts.save(desk, contact, "ticket", "k2").values == {}


def test_what_was_typed_and_not_saved_counts_when_the_wrap_up_ends(lab: Lab) -> None:
    mine, late = lab.serve("complaint"), lab.serve("complaint")
    for contact in (mine, late):
        with lab.desk(lab.student) as desk:
            drafts.save_draft(desk, contact, "ticket", "name", "张伟", lab.clock.utc())
    with lab.desk(lab.student) as desk:
        entries.finish_wrap_up(desk, mine)
        entries.close(desk.session, desk.clock, desk.session.get_one(Contact, late))
        for contact in (mine, late):
            assert entries.current(desk.session, contact, "ticket").values == {"name": "张伟"}  # type: ignore[union-attr]


def test_a_clock_that_runs_ahead_does_not_lock_the_field(lab: Lab) -> None:
    contact = lab.serve("complaint")
    with lab.desk(lab.student) as desk:
        drafts.save_draft(desk, contact, "ticket", "name", "a", lab.clock.utc() + timedelta(days=365))
        lab.clock.forward(10)
        assert drafts.save_draft(desk, contact, "ticket", "name", "b", lab.clock.utc())


def test_nobody_types_where_he_may_not_save(lab: Lab) -> None:
    contact, at = lab.serve("complaint"), lab.clock.utc()
    for actor, form, field, value, error in (
        (lab.other, "ticket", "name", "x", NotYoursError),
        (lab.student, "order", "name", "x", WrongFormError),
        (lab.student, "ticket", "truth", "x", UnknownFieldError),
        (lab.student, "ticket", "name", "\0", BadValueError),
        (lab.student, "ticket", "name", "x" * 2001, BadValueError),
    ):
        with pytest.raises(error), lab.desk(actor) as desk:
            drafts.save_draft(desk, contact, form, field, value, at)  # type: ignore[arg-type]
    with writing(lab.engine) as session:
        session.add(Scorecard(site_id=lab.site.id, contact_id=contact, graded_at=at))
    with pytest.raises(GradedError), lab.desk(lab.student) as desk:
        drafts.save_draft(desk, contact, "ticket", "name", "x", at)


def test_a_lab_calls_form_is_its_scenarios_and_can_be_checked(lab: Lab) -> None:
    contact = lab.serve("complaint")
    with lab.desk(lab.student) as desk:
        view = form_of(desk.session, contact)
        assert view is not None
        assert view.fields == lab.cases["complaint"].truth.fields
        missing = {one.field for one in drafts.missing(desk, contact, "ticket")}
        assert missing == {field.field for field in view.fields if field.required}
