import csv
import io
import json
import re
import wave
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from datasets.language import LANGUAGES, Language
from lab_server.i18n import translator
from lab_server.report.build import write_report
from lab_server.report.charts import figures
from lab_server.report.model import (
    AgentPart,
    CallPart,
    LegPart,
    LinePart,
    RecordingPart,
    SessionPart,
    SessionReport,
)
from lab_server.report.sheet import safe, scorecards_csv
from lab_server.report.totals import completed

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
HOSTILE = "</script><img src=x onerror=alert(1)>{{ 7*7 }}\u2028\"'&"


def line(item: str = "quantity", verdict: str = "wrong", **more: object) -> LinePart:
    made = {"item": item, "title": item, "expected": "5", "found": "3", "verdict": verdict, "points": 0, "of": 10}
    return LinePart.model_validate(
        made | {"reason": "told_earlier", "kind": "count", "told_at": 7.0, "clip": (6.7, 9.3)} | more
    )


def call(number: int = 1, **more: object) -> CallPart:
    made: dict[str, object] = {
        "id": f"01JD3ZC5V8Q2W4N6T8Y0B2D{number:03}",
        "scenario": "order",
        "direction": "in",
        "caller_number": "16300000001",
        "caller_name": "张伟",
        "agent": "1001",
        "robot": True,
        "profile": "careless",
        "offered_at": NOON,
        "answered_at": NOON + timedelta(seconds=9),
        "ended_at": NOON + timedelta(seconds=70),
        "wait_s": 6.0,
        "talk_s": 61.0,
        "hold_s": 0.0,
        "wrap_s": 20.0,
        "outcome": "served",
        "rating": 4,
        "score": 50.0,
        "raw_score": 50.0,
        "passed": False,
        "lines": [line(), line("name", "right", points=10, reason="same")],
    }
    return CallPart.model_validate(made | more)


def lost(number: int) -> CallPart:
    bare = {"agent": None, "answered_at": None, "talk_s": None, "wrap_s": None, "score": None, "raw_score": None}
    return call(number, **bare, passed=None, rating=None, lines=[], outcome="abandoned", wait_s=30.0)


def report(*calls: CallPart, language: Language = "en", **more: object) -> SessionReport:
    session = SessionPart(id="01JD3ZC5V8Q2W4N6T8Y0B2D4F6", language=language, time_zone="Asia/Shanghai")
    return SessionReport.model_validate({"session": session, "calls": list(calls)} | more)


def record(folder: Path, number: int = 1) -> CallPart:
    for leg in ("customer", "agent-1"):
        with wave.open(str(folder / f"{leg}-{number}.wav"), "wb") as written:
            written.setnchannels(1)
            written.setsampwidth(2)
            written.setframerate(8000)
            written.writeframes(bytes(16000))
    paths = RecordingPart(caller=f"customer-{number}.wav", agent=f"agent-1-{number}.wav")
    legs = [LegPart(name="agent-1", role="agent", recording=paths.agent, offset_s=0.5)]
    return call(number, recording=paths, legs=legs)


class Tags(HTMLParser):
    """The tags of a page, and its text outside of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._script = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._script = False

    def handle_data(self, data: str) -> None:
        if not self._script:
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(made: SessionReport, folder: Path) -> str:
    return write_report(made, folder).html.read_text(encoding="utf-8")


def test_the_page_fetches_nothing_from_anywhere(tmp_path: Path) -> None:
    tags = Tags(page_of(report(record(tmp_path)), tmp_path))
    links = [value for _, attributes in tags.tags for name, value in attributes.items() if name in ("src", "href")]
    assert links
    assert all(link is not None and link.startswith(("#", "data:")) for link in links)
    assert not tags.all("link") or all(one["href"] == "data:," for one in tags.all("link"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_texts_stay_texts_on_the_page(tmp_path: Path, language: Language) -> None:
    bad = {"caller_name": HOSTILE, "caller_number": HOSTILE, "scenario_title": HOSTILE, "outcome": HOSTILE}
    named = call(1, **bad, robot=False, lines=[line(expected=HOSTILE, found=HOSTILE, title=HOSTILE)])
    made = report(named, language=language, agents=[AgentPart(seat="1001", name=HOSTILE)])
    made.session.name = HOSTILE
    tags = Tags(page_of(made, tmp_path))
    assert not tags.all("img")
    assert HOSTILE in "".join(tags.text)
    assert not [name for _, attributes in tags.tags for name in attributes if name.startswith("on")]


def test_every_student_has_a_section_and_every_call_is_in_one(tmp_path: Path) -> None:
    tags = Tags(page_of(report(call(1), call(2, agent="1002"), lost(3)), tmp_path))
    assert [one["id"] for one in tags.all("section")] == ["overview", "student-1", "student-2", "unanswered"]
    assert [one["id"] for one in tags.all("article")] == ["call-1", "call-2", "call-3"]


def test_each_clip_has_a_button_with_its_seconds(tmp_path: Path) -> None:
    buttons = Tags(page_of(report(record(tmp_path)), tmp_path)).all("button")
    assert [(one["data-audio"], one["data-from"], one["data-to"]) for one in buttons] == [
        ("audio-1", "6.7", "9.3"),
        ("audio-1", "6.7", "9.3"),
    ]


def test_robots_are_called_robots_and_people_are_not(tmp_path: Path) -> None:
    page = "".join(Tags(page_of(report(call(1), call(2, agent="1002", robot=False)), tmp_path)).text)
    assert page.count("robot · careless") == 1
    person = "".join(Tags(page_of(report(call(1, robot=False)), tmp_path / "person")).text)
    assert "robot" not in person.lower()


def test_times_are_those_of_the_site(tmp_path: Path) -> None:
    assert "12:00:00" in "".join(Tags(page_of(report(call()), tmp_path)).text)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (report(), "No call was made in this session."),
        (report(agents=[AgentPart(seat="1001", robot=True)]), "No call came to this seat."),
        (report(call()), "There is no recording of this call."),
        (report(call(lines=[], score=None, passed=None)), "This call was not graded."),
        (report(call(outcome="broken", lines=[], score=None, passed=None)), "This call broke off"),
        (report(call(critical_failures=["Phone"], raw_score=82, score=0)), "The raw score is 82.0."),
        (report(lost(1)), "gave up waiting"),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, made: SessionReport, says: str) -> None:
    assert says in "".join(Tags(page_of(made, tmp_path)).text)


def test_a_broken_recording_costs_only_its_own_player(tmp_path: Path) -> None:
    good, bad = record(tmp_path, 1), record(tmp_path, 2)
    for name in ("customer-2.wav", "agent-1-2.wav"):
        (tmp_path / name).write_bytes(b"gone")
    tags = Tags(page_of(report(good, bad), tmp_path))
    assert [one["id"] for one in tags.all("audio")] == ["audio-1"]


def test_sound_goes_into_the_page_or_beside_it(tmp_path: Path) -> None:
    made = report(record(tmp_path, 1), record(tmp_path, 2))
    inside = write_report(made, tmp_path)
    assert inside.audio is None
    assert not (tmp_path / "audio").exists()
    assert [str(one["src"])[:22] for one in Tags(inside.html.read_text("utf-8")).all("audio")] == [
        "data:audio/flac;base64"
    ] * 2
    beside = write_report(made, tmp_path, embedded_bytes=100)
    page = Tags(beside.html.read_text("utf-8"))
    assert beside.audio == tmp_path / "audio"
    sources = [str(one["src"]) for one in page.all("audio")]
    assert all((tmp_path / source).is_file() for source in sources)
    assert "keep the two together" in "".join(page.text)


def test_an_id_from_elsewhere_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    odd = record(folder).model_copy(update={"id": "../../escaped"})
    write_report(report(odd), folder, embedded_bytes=100)
    assert [file.name for file in (folder / "audio").iterdir()] == ["call-1.flac"]
    assert not list(tmp_path.glob("*.flac"))


def rows_of(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_the_sheet_has_a_row_a_line_and_loses_no_call() -> None:
    rows = rows_of(scorecards_csv(completed(report(call(1), lost(2))), translator("en")))
    assert [(row["Call"][-3:], row["Item"], row["Verdict"]) for row in rows] == [
        ("001", "quantity", "wrong"),
        ("001", "name", "right"),
        ("002", "", ""),
    ]
    assert rows[0]["Time"] == "2026-11-20 12:00:00"
    assert rows[0]["Why"] == "That is what the caller said at first; it was corrected later in the call."
    assert (rows[0]["Robot"], rows[2]["Robot"]) == ("careless", "")


@pytest.mark.parametrize("cell", ["=1+1", "+86163", "-1", "@SUM(A1)", "\t=1", "＝1", "=cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe(cell) == "'" + cell
    rows = rows_of(scorecards_csv(report(call(caller_name=cell, lines=[line(found=cell)])), translator("en")))
    assert rows[0]["Caller"] == rows[0]["Recorded"] == "'" + cell


def test_harmless_cells_stay_as_they_are() -> None:
    assert [safe(cell) for cell in ("张伟", -1.5, None, "", "a=b")] == ["张伟", -1.5, None, "", "a=b"]


def test_the_json_keeps_the_contract(tmp_path: Path) -> None:
    made = json.loads(write_report(report(record(tmp_path), lost(2)), tmp_path).json.read_text(encoding="utf-8"))
    assert set(made) == {"session", "engine", "calls", "agents", "totals"}
    assert {"asterisk", "speech"} <= set(made["engine"])
    wanted = (
        "id scenario direction caller_number agent offered_at answered_at ended_at wait_s talk_s wrap_s outcome "
        "recording legs score passed lines"
    )
    assert set(wanted.split()) <= set(made["calls"][0])
    assert (tmp_path / made["calls"][0]["recording"]["caller"]).is_file()
    assert made["calls"][1]["recording"] == {"caller": None, "agent": None}
    keys = "item expected found verdict told_at clip points of"
    assert set(keys.split()) <= set(made["calls"][0]["lines"][0])
    assert made["calls"][0]["lines"][0]["clip"] == [6.7, 9.3]
    assert (made["totals"]["calls"], made["totals"]["answered"], made["totals"]["graded"]) == (2, 1, 1)
    assert [agent["seat"] for agent in made["agents"]] == ["1001"]


def test_paths_follow_the_json_to_another_folder(tmp_path: Path) -> None:
    made = report(record(tmp_path))
    other = tmp_path / "a/b"
    moved = made.relative_to(tmp_path, other)
    assert moved.calls[0].recording.caller == "../../customer-1.wav"
    assert moved.calls[0].legs[0].recording == "../../agent-1-1.wav"
    assert moved.relative_to(other, tmp_path) == made


def test_writing_again_replaces_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    for _ in range(2):
        write_report(report(record(tmp_path)), tmp_path)
    assert not list(tmp_path.glob("*.part"))


def test_charts_count_what_waited_and_talked() -> None:
    charts = figures(
        completed(report(call(1), call(2, offered_at=NOON + timedelta(seconds=1)), lost(3))), translator("en")
    )
    talking, waiting = charts["over_time"]["data"]
    assert (max(talking["y"]), talking["y"][-1], waiting["y"][-1]) == (2, 0, 0)
    answered, unanswered = charts["waits"]["data"]
    assert (answered["x"], unanswered["x"], unanswered["y"]) == ([1, 2], [3], [30.0])
    assert [one["name"] for one in charts["talks"]["data"]] == ["talk", "wrap-up"]
    assert charts["scores"]["data"][0]["y"] == [50.0]
    assert figures(report(), translator("en")) == {}


def test_a_caller_who_rates_the_call_talks_to_nobody() -> None:
    one = call(1)
    assert one.answered_at is not None
    rating = one.model_copy(update={"talk_s": 20.0, "hold_s": 5.0, "ended_at": one.answered_at + timedelta(seconds=40)})
    talking = figures(completed(report(rating)), translator("en"))["over_time"]["data"][0]
    over = (one.answered_at + timedelta(seconds=25)).astimezone(ZoneInfo(report().session.time_zone))
    assert talking["x"][-1] == over.replace(tzinfo=None).isoformat()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_the_other_language(tmp_path: Path, language: Language) -> None:
    calls = [record(tmp_path, 1).model_copy(update={"caller_name": "N N", "critical_failures": ["X"]}), lost(2)]
    text = " ".join(Tags(page_of(report(*calls, language=language), tmp_path)).text)
    if language == "en":
        assert not re.search(r"[\u4e00-\u9fff]", text.replace("张伟", ""))
    else:
        words = set(re.findall(r"[A-Za-z]{3,}", text)) - {"Ringside", "Asterisk", "Asia", "Shanghai", "order"}
        assert words <= {"quantity", "name", *re.findall(r"[A-Za-z]{3,}", report().session.id)}
