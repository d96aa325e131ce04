"""Forms, surveys and talk scripts as a school edits them: faults beside the box, nothing lost, the way back."""

import csv
import html
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest_asyncio
from door_lab import Browser, DoorLab, door_lab, kept
from lab_rows import Lab
from sqlmodel import select

from lab_server.desk import polls
from lab_server.desk.templates import library
from lab_server.store.engine import writing
from lab_server.store.tables import SurveyAnswer, TalkScript, User

NASTY = "<script>alert(1)</script>"


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        yield made


async def a_teacher(door: DoorLab) -> Browser:
    door.person("teacher", "instructor")
    return await door.signed_in("teacher")


def fields_of(door: DoorLab, key: str) -> list[str]:
    with door.lab.desk(door.lab.staff("admin")) as desk:
        return [field.key for field in library.newest(desk, key)[1].fields]


def box(**typed: str) -> dict[str, str]:
    """A question's boxes, as the page posts them."""
    return {"kind": "text", "lesson": "1", "longest": "200", "act": "save"} | typed


async def test_a_form_is_made_edited_ordered_and_published(door: DoorLab) -> None:
    teacher = await a_teacher(door)
    assert (await teacher.post("/forms", title_zh=" ")).status_code == 422
    made = await teacher.post("/forms", title_zh="投诉登记", title_en="Complaint", form="ticket")
    assert made.headers["location"] == "/forms/complaint"
    for typed, said in [
        (box(title_zh=""), "Write the question"),
        (box(title_zh="x", key="Ä"), "A key has up to 40"),
        (box(title_zh="x", key="content"), "Another one has this key"),
        (box(title_zh="x", kind="choice", choices="一个"), "at least two answers"),
        (box(title_zh="x", kind="choice", choices="好\n好"), "Two answers are the same"),
        (box(title_zh="x", kind="number", low="9", high="3"), "The highest is below the lowest"),
        (box(title_zh="x", kind="number", low="many"), "Write a number"),
        (box(title_zh="x", lesson="0"), "a whole number from 1 to 99"),
        (box(title_zh="x", kind="nothing"), "Choose one"),
        (box(title_zh="x", rule0_field="content", rule0_op="among"), "Write which answer"),
        (box(title_zh="x", rule0_field="later", rule0_op="filled"), "would not come before it"),
        (box(title_zh="x", jump_any="nowhere"), "would not come after it"),
    ]:
        refused = await teacher.post("/forms/complaint/add", **typed)
        assert refused.status_code == 422, typed
        assert said in refused.text, (typed, said)
        assert f'value="{typed["title_zh"]}"' in refused.text, "what was typed is kept"
    looked = await teacher.post("/forms/complaint/add", **box(title_zh="结果", kind="choice", act="look"))
    assert 'name="choices" rows' in looked.text
    assert fields_of(door, "complaint") == ["content"]
    added = await teacher.post(
        "/forms/complaint/add",
        **box(title_zh="结果", title_en="Result", kind="choice", choices="好 | Good\n坏 | Bad | b"),
    )
    assert added.headers["location"] == "/forms/complaint#f-result"
    why = box(title_zh=f"原因{NASTY}", title_en="Why", lesson="2")
    await teacher.post("/forms/complaint/add", **why, rule0_field="result", rule0_op="among", rule0_values="b")
    assert fields_of(door, "complaint") == ["content", "result", "why"]
    page = (await teacher.get("/forms/complaint")).text
    assert NASTY not in page
    assert "Lesson 1: 2 questions." in page
    assert "Lesson 2: 3 questions." in page
    refused = await teacher.post("/forms/complaint/fields/why/move", way="up")
    assert refused.status_code == 409
    assert "would not come before it" in refused.text
    await teacher.post("/forms/complaint/fields/result/move", way="up")
    assert fields_of(door, "complaint") == ["result", "content", "why"]
    assert (await teacher.post("/forms/complaint/fields/result/drop")).status_code == 409  # another hangs on it
    gone = await teacher.post("/forms/complaint/fields/why/drop")
    assert fields_of(door, "complaint") == ["result", "content"]
    undo = re.search(r'name="field" value="([^"]*)"', gone.text)
    assert undo is not None
    back = await teacher.post("/forms/complaint/put", field=html.unescape(undo[1]), at="2")
    assert back.status_code == 303
    assert fields_of(door, "complaint") == ["result", "content", "why"]
    for bad in ("", "[]", "{}", "[" * 2000):
        assert (await teacher.post("/forms/complaint/put", field=bad, at="x")).status_code == 422
    renamed = await teacher.post(
        "/forms/complaint/fields/result",
        **box(title_zh="处理结果", key="outcome", kind="choice", choices="好 | Good\n坏 | Bad | b"),
    )
    assert renamed.headers["location"] == "/forms/complaint#f-outcome"
    with door.lab.desk(door.lab.staff("admin")) as desk:
        template = library.newest(desk, "complaint")[1]
    assert template.fields[2].shown_if[0].field == "outcome"  # what hung on it still does
    assert [one.code for one in template.fields[0].choices] == ["good", "b"]
    await teacher.post("/forms/complaint/publish")
    assert "version 1 is used" in (await teacher.get("/forms")).text
    assert (await teacher.post("/forms/complaint/publish")).status_code == 404  # there is no draft


async def test_a_preview_asks_as_the_desk_does(door: DoorLab) -> None:
    teacher = await a_teacher(door)
    await teacher.post("/forms", title_en="Repair")
    await teacher.post("/forms/repair/add", **box(title_en="Broken", kind="yes_no", **{"jump.no": "-"}))
    await teacher.post("/forms/repair/add", **box(title_en="Since", kind="date", required="1", lesson="2"))
    hidden = r'data-field="since" hidden'
    shown = (await teacher.get("/forms/repair/preview")).text
    assert not re.search(hidden, shown)
    assert re.search(hidden, (await teacher.get("/forms/repair/preview?f.broken=no")).text)
    assert 'data-field="since"' not in (await teacher.get("/forms/repair/preview?lesson=1")).text
    assert "Please fill this in." in (await teacher.get("/forms/repair/preview?final=1")).text
    assert "Write a date" in (await teacher.get("/forms/repair/preview?f.since=soon")).text
    part = (await teacher.get("/forms/repair/preview", **{"hx-request": "true"})).text
    assert "<html" not in part
    assert (await teacher.get("/forms/repair/preview?sample=1&lesson=%F0&f.x=1")).status_code == 200


async def test_versions_copies_and_files(door: DoorLab) -> None:
    teacher = await a_teacher(door)
    await teacher.post("/forms", title_en="Repair", title_zh="报修")
    await teacher.post("/forms/repair/publish")
    await teacher.post("/forms/repair/add", **box(title_en="Since"))
    with door.lab.desk(door.lab.staff("admin")) as desk:
        new, old = library.listed(desk, key="repair")
    assert (new.state, old.state, old.fields) == ("draft", "published", 1)
    assert 'data-field="since"' not in (await teacher.get(f"/forms/repair/preview?version={old.id}")).text
    await teacher.post("/forms/repair/back", version=old.id)
    assert fields_of(door, "repair") == ["content"]
    copied = await teacher.post("/forms/repair/copy")
    assert copied.headers["location"] == "/forms/repair_2"
    for kind in ("yaml", "json"):
        file = await teacher.get(f"/forms/repair/file?as={kind}")
        assert file.headers["content-disposition"] == f'attachment; filename="repair.{kind}"'
        text = file.text.replace("repair", "taken").replace("报修", "报修新")
        taken = await teacher.post("/forms/import", file=(f"a.{kind}", text.encode()))
        assert taken.headers["location"] == "/forms/taken"
    for content, said in [
        (b"\xff\xfe", "not UTF-8"),
        (b"key: x\nform: ticket\nfields: []\n", "fields"),
        (b"a: &a [x]\nb: *a\n", "alias"),
        (b"- " * 5000, "levels deep"),
        (b"x" * 900_000, "characters"),
    ]:
        refused = await teacher.post("/forms/import", file=("a.yaml", content))
        assert refused.status_code == 422, content[:20]
        assert said in refused.text, content[:20]
    await teacher.post("/forms/repair_2/publish")
    await teacher.post("/forms/repair_2/retire")
    assert "retired" in (await teacher.get("/forms")).text


async def test_a_survey_is_asked_during_a_call_counted_and_given_out(door: DoorLab) -> None:
    with writing(door.lab.engine) as session:
        student = session.get_one(User, door.lab.student.id)
        student.password, student.is_robot, login = kept(), False, student.login
        session.add(student)
    teacher = await a_teacher(door)
    await teacher.post("/surveys", title="满意度")
    happy = box(title_zh="满意吗", key="happy", kind="yes_no", required="1", **{"jump.yes": "-"})
    await teacher.post("/surveys/survey/fields/content", **happy)
    await teacher.post("/surveys/survey/add", **box(title_zh="=为什么", title_en="=Why", key="why"))
    kept_ = await teacher.post("/surveys/survey/head", title="满意度", quota0_answer="happy=no", quota0_most="1")
    assert kept_.status_code == 303
    bad = await teacher.post("/surveys/survey/head", title="满意度", quota0_answer="happy=no", quota0_most="many")
    assert bad.status_code == 422
    assert (
        await teacher.post("/surveys/survey/head", title="x", quota0_answer="gone=no", quota0_most="1")
    ).status_code == 422
    await teacher.post("/surveys/survey/start")
    with door.lab.desk(door.lab.staff("admin")) as desk:
        survey = polls.listed(desk)[0]
    one, two = door.lab.serve("order"), door.lab.serve("complaint")
    other = door.lab.serve("order", seat="1002")
    student = await door.signed_in(login, "10.0.0.9")
    await student.post("/desk/sit")
    assert f"/answer/{one}/{survey.id}" in (await student.get(f"/desk?contact={one}")).text
    assert (await student.get(f"/answer/{other}/{survey.id}")).status_code == 403
    assert (await student.get(f"/answer/{one}/{one}")).status_code == 404
    page = (await student.get(f"/answer/{one}/{survey.id}")).text
    assert 'name="f.happy"' in page
    looked = await student.post(f"/answer/{one}/{survey.id}", act="look", **{"f.happy": "yes"})
    assert 'data-field="why" hidden' in looked.text
    refused = await student.post(f"/answer/{one}/{survey.id}", **{"f.why": "kept"})
    assert refused.status_code == 422
    assert 'value="kept"' in refused.text
    done = await student.post(f"/answer/{one}/{survey.id}", **{"f.happy": "no", "f.why": "=cmd()|x"})
    assert done.headers["location"].endswith("kept=1")
    full = await student.post(f"/answer/{two}/{survey.id}", **{"f.happy": "no", "f.why": "x"})
    assert full.status_code == 409
    assert "Enough customers" in full.text
    again = await student.post(f"/answer/{one}/{survey.id}", **{"f.happy": "no", "f.why": NASTY})
    assert again.status_code == 303  # the newest count
    await student.post(f"/answer/{two}/{survey.id}", **{"f.happy": "yes", "f.why": "hidden"})
    results = (await teacher.get("/surveys/survey/results")).text
    assert "Answered in 2 calls." in results
    assert "50%" in results
    assert NASTY not in results
    await student.post(f"/answer/{one}/{survey.id}", **{"f.happy": "no", "f.why": "=cmd()|x"})
    sheet = await teacher.get("/surveys/survey/results.csv")
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["contact", "at", "agent", "满意吗"]
    assert rows[0][4] == "'=Why"
    assert sorted(row[3:] for row in rows[1:]) == [["No", "'=cmd()|x"], ["Yes", ""]]
    assert (await student.get("/surveys/survey/results.csv")).status_code == 403
    await teacher.post("/surveys/survey/stop")
    assert (await student.post(f"/answer/{one}/{survey.id}", **{"f.happy": "yes"})).status_code == 409
    with writing(door.lab.engine) as session:
        assert len(session.exec(select(SurveyAnswer).where(SurveyAnswer.contact_id == one)).all()) == 2


async def test_a_script_is_written_ordered_and_brought_back(door: DoorLab) -> None:
    teacher = await a_teacher(door)
    page = (await teacher.get("/scripts/edit?queue=order&language=zh-CN")).text
    assert 'name="text-0"' in page
    steps = {"queue": "order", "language": "zh-CN", "title": "订购", "title-0": "问候", "text-0": "您好，{caller|您}",
             "key-0": "a", "title-1": "结束", "text-1": NASTY, "key-1": "b"}  # fmt: skip
    moved = (await teacher.post("/scripts/edit", **steps, act="down-0")).text
    assert re.search(r'name="title-0"[^>]*value="结束"', moved)
    assert "您好，王女士" in moved
    assert NASTY not in moved
    for act in ("up-9", "drop-99", "add-1", "nonsense", "up-x"):
        assert (await teacher.post("/scripts/edit", **steps, act=act)).status_code == 200
    for change, said in [
        ({"title": ""}, "Give the script a title."),
        ({"text-1": "{card}"}, "Step 2 has a blank"),
        ({"text-1": ""}, "Step 2 says nothing yet."),
    ]:
        refused = await teacher.post("/scripts/edit", **(steps | change), act="save")
        assert refused.status_code == 422
        assert said in refused.text
    for title in ("订购", "订购二"):
        saved = await teacher.post("/scripts/edit", **(steps | {"title": title}), act="save")
        asked = parse_qs(urlsplit(saved.headers["location"]).query)
        assert asked == {"queue": ["order"], "language": ["zh-CN"], "kept": ["1"]}
    with writing(door.lab.engine) as session:
        old = session.exec(select(TalkScript).where(TalkScript.queue == "order", TalkScript.version == 1)).one().id
    await teacher.post(f"/scripts/{old}/back")
    page = (await teacher.get("/scripts/edit?queue=order&language=zh-CN")).text
    assert 'name="title" maxlength="120" value="订购"' in page
    assert "订购" in (await teacher.get("/scripts")).text
