"""The pages as a browser gets them: a real server, real HTTP."""

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from lab_rows import Lab
from web_site import Site, environment, free_port, served

from lab_server.classroom.messages import FLOOR_TOPIC, AgentPicture, FloorPicture
from lab_server.desk import entries
from lab_server.desk.desk import Desk
from lab_server.ids import new_id
from lab_server.store.engine import writing
from telephony.bus import Hub
from telephony.clock import SystemClock
from web.app import create_app
from web.errors import OpenToStrangersError
from web.listen import bound

WAYS_TO_PAY = {"货到付款"}
"""A form's own choices, in the words of every order: they tell nothing of a case."""


@pytest.fixture(scope="module")
def site(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A web process that all tests share which put nothing into its database."""
    with served(tmp_path_factory.mktemp("web"), migrated_file) as running:
        yield running


@pytest.fixture
def own_site(migrated_file: Path, tmp_path: Path) -> Iterator[Site]:
    """A web process of the test's own."""
    with served(tmp_path, migrated_file) as running:
        yield running


@pytest.fixture
def url(own_site: Site) -> str:
    """Where `lab` puts its rows."""
    return own_site.database


@pytest.fixture(scope="module")
def teacher(site: Site) -> Iterator[httpx.Client]:
    """An instructor's browser at the shared process."""
    with site.browser() as browser:
        yield browser


def test_a_fresh_installation_says_what_to_do_in_both_languages(own_site: Site) -> None:
    led = own_site.client.get("/", headers={"accept-language": "en"})
    assert (led.status_code, led.headers["location"]) == (303, "/signin")
    english = own_site.client.get("/signin", headers={"accept-language": "en"}).text
    assert "ringside user reset admin" in english
    assert "Nobody can sign in here yet." in english
    chinese = own_site.client.get("/signin?lang=zh-CN", headers={"accept-language": "en"}).text
    assert "ringside user reset admin" in chinese
    assert '<html lang="zh-CN">' in chinese
    assert "Nobody" not in chinese


def test_an_empty_start_page_says_what_to_do_in_both_languages(teacher: httpx.Client) -> None:
    english = teacher.get("/", headers={"accept-language": "en"}).text
    assert "ringside demo" in english
    assert "No class has been run yet." in english
    chinese = teacher.get("/?lang=zh-CN", headers={"accept-language": "en"}).text
    assert "ringside demo" in chinese
    assert '<html lang="zh-CN">' in chinese
    assert "No class" not in chinese
    assert teacher.get("/api/sessions").json() == []


def test_sessions_are_listed_with_state_and_report(own_site: Site, lab: Lab) -> None:
    lab.serve("complaint")
    report = own_site.var / "reports" / lab.session_id / "report.html"
    with own_site.browser() as teacher:
        assert teacher.get("/api/sessions").json()[0]["report"] is None
        report.parent.mkdir(parents=True)
        report.write_text("<p>the report</p>", encoding="utf-8")
        [session] = teacher.get("/api/sessions").json()
        assert (session["id"], session["status"], session["contacts"], session["calls_planned"]) == (
            lab.session_id, "running", 1, 3,
        )  # fmt: skip
        page = teacher.get("/?lang=en").text
        assert f'href="{session["report"]}"' in page
        assert "Running" in page
        assert teacher.get(session["report"]).text == "<p>the report</p>"
        led = teacher.get(f"/reports/{lab.session_id}/", follow_redirects=True)
        assert led.text == "<p>the report</p>"


def test_no_student_and_no_stranger_reads_a_report(own_site: Site, lab: Lab) -> None:
    report = own_site.var / "reports" / lab.session_id / "report.html"
    report.parent.mkdir(parents=True)
    report.write_text("the truth", encoding="utf-8")
    address = f"/reports/{lab.session_id}/report.html"
    outside = own_site.client.get(address)
    assert (outside.status_code, outside.headers["location"]) == (303, "/signin?next=" + address.replace("/", "%2F"))
    with own_site.browser("student") as student, own_site.browser("supervisor") as supervisor:
        assert student.get(address).status_code == 403
        assert student.get("/api/sessions").status_code == 403
        assert supervisor.get(address).status_code == 404  # no class of the supervisor's group
        assert supervisor.get("/api/sessions").json() == []
    with own_site.browser("grader") as grader:
        assert grader.get(address).text == "the truth"


def test_a_part_of_a_recording_can_be_asked_for(own_site: Site, lab: Lab) -> None:
    sound = own_site.var / "reports" / lab.session_id / "a.wav"
    sound.parent.mkdir(parents=True)
    sound.write_bytes(bytes(range(100)))
    with own_site.browser() as teacher:
        part = teacher.get(f"/reports/{lab.session_id}/a.wav", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))


def test_no_path_leads_out_of_the_reports(own_site: Site, lab: Lab) -> None:
    secret = own_site.var / "db" / "secret"
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_text("the truth")
    own = own_site.var / "reports" / lab.session_id
    own.mkdir(parents=True)
    (own / "link").symlink_to(secret.parent)
    base = f"/reports/{lab.session_id}"
    with own_site.browser() as teacher:
        cookie = "; ".join(f"{one.name}={one.value}" for one in teacher.cookies.jar)
    for path in (
        "/reports/../db/secret",
        f"{base}/../../db/secret",
        f"{base}/%2e%2e/%2e%2e/db/secret",
        f"{base}/..%2f..%2fdb/secret",
        f"{base}/link/secret",
        f"{base}//etc/passwd",
        "/static/..%2fapp.py",
        f"{base}/%00",
        f"{base}/" + "a" * 300 + "/report.html",
        "/reports/x%00/",
        "/reports/%ff%fe/report.html",
    ):
        answer = raw(own_site, path, cookie)
        assert answer.startswith(b"HTTP/1.1 404"), (path, answer[:200])
        assert b"the truth" not in answer


def raw(site: Site, path: str, cookie: str) -> bytes:
    """The answer to exactly this path: clients tidy paths up before they ask."""
    with socket.create_connection((site.client.base_url.host, site.client.base_url.port or 80)) as line:
        asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        line.sendall(asked.encode())
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_every_answer_carries_the_security_headers(site: Site) -> None:
    for path in ("/", "/healthz", "/api/sessions", "/static/live.js", "/nowhere", "/api/nowhere", "/reports/x/y"):
        headers = site.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
    assert "unsafe" not in site.client.get("/signin").headers["content-security-policy"]


def test_a_foreign_name_for_our_address_is_refused(site: Site) -> None:
    refused = site.client.get("/api/sessions", headers={"host": "evil.example"})
    assert refused.status_code == 400
    assert refused.headers["x-frame-options"] == "DENY"


def test_rubbish_is_answered_and_never_echoed(site: Site, teacher: httpx.Client) -> None:
    rubbish = "<script>alert(1)</script>" * 40
    for path in (
        f"/?lang={rubbish}", f"/reports/{rubbish}/", f"/{rubbish}", f"/api/{rubbish}", f"/classes/{rubbish}",
        f"/audit?action={rubbish}&before={rubbish}&user={rubbish}", f"/classes?done={rubbish}",
        f"/signin?next={rubbish}&klass={rubbish}", f"/first?key={rubbish}",
    ):  # fmt: skip
        answer = teacher.get(path)
        assert answer.status_code in {200, 404, 410}, path
        assert "alert(1)" not in answer.text, path
    assert teacher.get("/", headers={"accept-language": ";q=x,," * 500}).status_code == 200
    with suppress(httpx.TransportError):  # hanging up on it is an answer, too
        assert site.client.get("/", headers={"cookie": "a" * 200_000}).status_code in {400, 431}
    assert site.client.post("/").status_code == 405
    assert site.client.get("/healthz").json() == {"status": "ok"}


def test_what_is_not_there_is_a_page_for_people_and_json_for_programs(site: Site) -> None:
    page = site.client.get("/nowhere?lang=en")
    assert page.status_code == 404
    assert "There is no such page." in page.text
    assert site.client.get("/api/nowhere").json()["error"] == "http.404"


def test_no_answer_holds_anything_of_a_case(own_site: Site, lab: Lab) -> None:
    for scenario in lab.cases:
        contact = lab.serve(scenario)
        lab.tell_all(scenario, contact)
        with writing(lab.engine) as session:
            desk = Desk(session, lab.clock, lab.student)
            entries.save_entry(desk, contact, lab.cases[scenario].truth.form, {}, new_id())
    truths = {
        value
        for case in lab.cases.values()
        for fact in case.truth.facts
        for value in (fact.value, fact.spoken, case.person.name, case.caller_number)
        if len(value) > 3 and value not in WAYS_TO_PAY
    }
    routes = {getattr(route, "path", "") for route in create_app_routes(own_site)}
    walked = 0
    with own_site.browser() as teacher, own_site.browser("student") as student:
        for path in routes | {"/?lang=en", "/?lang=zh-CN", "/static/live.js"}:
            address = re.sub(r"\{\w+(:path)?\}", lab.session_id, path)
            if address.endswith("/events"):
                continue  # endless; its own test looks at it
            for browser in (own_site.client, teacher, student):
                answer = browser.get(address).text
                walked += 1
                assert not [truth for truth in truths if truth in answer], address
                assert '"seed"' not in answer
    assert walked >= 60


def create_app_routes(site: Site) -> list[object]:
    """The routes the application has, of this very code."""
    from test_web_rights import every

    from lab_server.config import Settings

    return list(every(create_app(Settings(var=site.var / "other"), SystemClock())))


async def test_the_floor_is_told_live(site: Site, teacher: httpx.Client) -> None:
    hub = Hub(site.bus, SystemClock())
    await hub.start()
    picture = FloorPicture(
        session="S", status="running", cases=3, planned=1, waiting=2, ringing=0, talking=1, ended=0, graded=0,
        agents=(AgentPicture(seat="1001", state="talking", since_s=1.5),), elapsed_s=9.0,
    )  # fmt: skip
    told = []

    async def tell() -> None:
        while True:
            await hub.endpoint("brain").send(FLOOR_TOPIC, picture)
            await asyncio.sleep(0.1)  # the brain's own pace is 0.5 s

    telling = asyncio.create_task(tell())
    try:
        async with (
            httpx.AsyncClient(
                base_url=site.client.base_url, timeout=30, trust_env=False, cookies=dict(teacher.cookies)
            ) as client,
            client.stream("GET", "/api/floor/events") as stream,
        ):
            assert stream.headers["content-type"].startswith("text/event-stream")
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    told.append(json.loads(line.removeprefix("data: ")))
                    break
    finally:
        telling.cancel()
        await hub.close()
    assert told[0]["waiting"] == 2
    assert told[0]["agents"][0]["state"] == "talking"


def start(tmp_path: Path, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "web"], env=environment(tmp_path / "v", **settings), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.10", "::", "example.org", "", "127.0.0.1.example.org"])
def test_only_this_machines_own_addresses_are_listened_on(address: str) -> None:
    with pytest.raises(OpenToStrangersError):
        bound(address, free_port())


def test_every_address_is_listened_on_when_somebody_says_so() -> None:
    with bound("0.0.0.0", free_port(), open_to_all=True) as listener:
        assert listener.getsockname()[0] == "0.0.0.0"
        assert listener.proto == socket.IPPROTO_TCP  # else asyncio holds each answer back for 40 ms


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = start(tmp_path, web_port=port)
    assert done.returncode == 2
    assert f"web_port={port}: 127.0.0.1:{port} cannot be listened on" in done.stderr
    assert "Traceback" not in done.stderr
