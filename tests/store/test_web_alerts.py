"""What has to be seen to: told in the bar, drawn on a page in sentences, and only to who may see to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from door_lab import DoorLab, door_lab
from lab_rows import Lab
from sqlmodel import select

from lab_server.desk import alerts
from lab_server.store.engine import writing
from lab_server.store.tables import Alert

EVIL = "<img src=x onerror=alert(1)>{0.__class__}"


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        yield made


def raised(door: DoorLab) -> None:
    with writing(door.lab.engine) as session:
        for kind, subject, args in (
            ("disk_low", "/srv/calls", {"folder": "/srv/calls", "free_mb": 1234.5}),
            ("disk_full", "/srv/more", {"folder": "/srv/more", "free_mb": 12.0}),
            ("webhook_set_aside", "W1", {"name": EVIL, "url": "https://desk.example/hook", "error": "410"}),
            ("comet", "Halley", {"year": 2061}),
        ):
            alerts.raise_alert(session, door.lab.clock, door.lab.site.id, kind, args, subject)


@pytest.mark.parametrize(("language", "full"), [("en", "disk is full"), ("zh-CN", "磁盘已满")])
async def test_each_alert_is_a_sentence_in_the_readers_language(door: DoorLab, language: str, full: str) -> None:
    raised(door)
    door.person("teacher", "instructor")
    browser = await door.signed_in("teacher")
    page = (await browser.get(f"/alerts?lang={language}")).text
    assert full in page and "1234.5 MB" in page and "/srv/calls" in page
    assert "https://desk.example/hook" in page and 'href="/webhooks/W1"' in page
    assert "comet · Halley · year: 2061" in page  # one that nobody has put into words yet is told all the same
    assert "<img" not in page and "{0.__class__}" in page


async def test_the_bar_tells_who_may_see_to_it_and_nobody_else(door: DoorLab) -> None:
    raised(door)
    for role in ("instructor", "supervisor", "admin", "student", "grader"):
        door.person(role, role)
        browser = await door.signed_in(role, f"10.0.0.{len(role)}")
        told = 'href="/alerts"' in (await browser.get("/profile")).text
        assert told is (role in {"instructor", "supervisor", "admin"}), role
        assert (await browser.get("/alerts")).status_code == (200 if told else 403)


async def test_what_is_seen_to_goes_and_one_that_is_not_there_is_told(door: DoorLab) -> None:
    raised(door)
    door.person("teacher", "instructor")
    browser = await door.signed_in("teacher")
    await browser.get("/alerts")
    with writing(door.lab.engine) as session:
        ids = [one.id for one in session.exec(select(Alert))]
    for one in ids:
        assert (await browser.post(f"/alerts/{one}/dismiss")).status_code == 303
    page = (await browser.get("/alerts")).text
    assert "Nothing has to be seen to." in page and 'class="state broken"' not in page
    assert (await browser.post("/alerts/nothing/dismiss")).status_code == 404
