"""A student takes a call in the browser: real switch, brain, virtual caller, grading, and a real Chromium."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_lab import SECRET, Caller, ClassLab, DeskPage, browser, sign_in, student, until
from desk_lab import again as _again
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lab_server.store.tables import DeskEntry, Scorecard

pytestmark = pytest.mark.browser
__all__ = ["SECRET", "_again"]


@pytest.fixture
def chrome(chromium: Any, tmp_path: Path) -> Iterator[Chrome]:
    """A browser with a microphone that speaks."""
    with browser(chromium, tmp_path) as driver:
        yield driver


async def test_a_student_takes_a_call_writes_it_up_and_is_graded(
    asterisk_tree: Path, tmp_path: Path, chrome: Chrome
) -> None:
    async with ClassLab(asterisk_tree, tmp_path / "voices") as lab:
        student(lab, "wang", "<b>王小明</b>")
        await lab.start(web=True)
        page = DeskPage(chrome)
        await asyncio.to_thread(sign_in, chrome, lab, "wang")
        await page.until(lambda: chrome.current_url.endswith("/desk"), "the desk")
        await page.until(lambda: {"ready", "on"} <= page.can(), "a seat on the floor")
        assert "answer" not in page.can()
        page.look("idle")
        page.key(Keys.ALT, "r")
        await page.until(lambda: page.state() == ("ready", "none"), "ready")
        await page.until(lambda: "test" in page.can(), "the phone")

        lab.launch([Caller(0.5, "order", asks=None)], [])
        await lab.begin()
        await page.until(lambda: page.state()[1] == "ringing", "ringing", 60)
        await page.until(lambda: page.text("#pop article h1"), "who it is")
        assert {"answer", "hang_up"} <= page.can()
        page.look("ringing")
        page.key(Keys.F2)
        await page.until(lambda: page.state() == ("talking", "talking"), "talking")
        await page.until(lambda: chrome.find_elements(By.CSS_SELECTOR, "#form input:enabled"), "a form to write on")
        await page.until(lambda: page.types("压力锅"), "the first field")
        await page.until(lambda: "已保存" in page.text("[data-part=kept]"), "saved as typed")
        page.look("talking")

        chrome.refresh()
        await page.until(lambda: page.value() == "压力锅", "what was typed, after a reload")
        await page.until(lambda: page.state() == ("talking", "talking"), "the talk, after a reload")
        await page.until(lambda: "hold" in page.can(), "a call that can be held")
        page.key(Keys.F8)
        await page.until(lambda: "resume" in page.can(), "held")
        page.look("held")
        page.key(Keys.F8)
        await page.until(lambda: "hold" in page.can(), "resumed")
        page.key(Keys.F9)
        await page.until(lambda: page.state() == ("wrap_up", "none"), "writing up")
        page.look("wrap-up")
        page.key(Keys.ALT, "w")
        await page.until(lambda: page.state()[0] == "ready" or page.text("[data-part=faulty]"), "finished, or faulty")
        if page.state()[0] != "ready":
            page.key(Keys.ALT, "w")
        await page.until(lambda: page.state() == ("ready", "none"), "ready for the next")
        entry = await until(lambda: lab.rows(DeskEntry), 10, "an entry")
        assert "压力锅" in entry[-1].values.values()
        card = await until(lambda: lab.rows(Scorecard), 30, "a scorecard")
        assert card[0].contact_id == entry[-1].contact_id
        await page.until(lambda: "成绩单" in page.text("#pop .score[data-state=graded]"), "the scorecard")
        assert not [one for one in chrome.get_log("browser") if "Content Security Policy" in one["message"]]
        page.look("after")
