"""A student takes a call in the browser: real switch, brain, virtual caller, grading, and a real Chromium."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

sys.path.append(str(Path(__file__).parents[1] / "sip"))  # its whole Ringside, with a browser in front
from class_lab import Caller, ClassLab, until
from phone_lab import PAGE_TEXT, SWITCHES, speech

from lab_server.desk.passwords import hashed_pin
from lab_server.desk.users import ensure_user
from lab_server.store.engine import writing
from lab_server.store.tables import DeskEntry, Scorecard

pytestmark = pytest.mark.browser
SECRET = "correct horse"


@pytest.fixture
def chrome(chromium: Any, tmp_path: Path) -> Iterator[Chrome]:
    """A browser with a microphone that speaks."""
    speech(tmp_path / "page.wav", "en/m1", PAGE_TEXT)
    options = ChromeOptions()
    options.binary_location = str(chromium.program)
    fake = f"use-file-for-fake-audio-capture={tmp_path / 'page.wav'}"
    for switch in (*SWITCHES, f"user-data-dir={tmp_path / 'profile'}", fake, "use-fake-ui-for-media-stream"):
        options.add_argument(f"--{switch}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, Service(str(chromium.driver), env={**os.environ, **chromium.environment}))
    driver.set_window_size(1366, 768)
    yield driver
    driver.quit()


class DeskPage:
    """The page /desk; every wait has an end and a name."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def state(self) -> tuple[str, str]:
        """The agent's state and the call, as the page shows them."""
        found = self.driver.execute_script(
            "const d = document.getElementById('desk'); return d ? [d.dataset.state, d.dataset.call] : ['', ''];"
        )
        return found[0], found[1]

    def can(self) -> set[str]:
        """The buttons that can be pressed."""
        script = "return [...document.querySelectorAll('#desk button[data-do]:not(:disabled)')].map(b => b.dataset.do)"
        return set(self.driver.execute_script(script))

    def text(self, selector: str) -> str:
        try:
            return self.driver.find_element(By.CSS_SELECTOR, selector).text
        except (NoSuchElementException, StaleElementReferenceException):
            return ""

    def key(self, *keys: str) -> None:
        self.driver.switch_to.active_element.send_keys(*keys)

    def first(self) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, "#form .field:not([hidden]) input")

    def types(self, text: str) -> bool:
        """Into the first field; False if the form is drawn anew in this moment."""
        try:
            self.first().send_keys(text)
        except (NoSuchElementException, StaleElementReferenceException):
            return False
        return True

    def value(self) -> str:
        try:
            return str(self.first().get_attribute("value"))
        except (NoSuchElementException, StaleElementReferenceException):
            return ""

    async def until(self, holds: Callable[[], object], what: str, within_s: float = 20.0) -> None:
        async def ask() -> object:
            return await asyncio.to_thread(holds)

        end = asyncio.get_running_loop().time() + within_s
        while not await ask():
            if asyncio.get_running_loop().time() > end:
                self.look("failed")
                logs = [one["message"] for one in self.driver.get_log("browser")]
                raise AssertionError(
                    f"{what}: {self.state()} {self.text('[data-part=message]')} {self.driver.current_url} {logs}"
                )
            await asyncio.sleep(0.05)

    def look(self, name: str) -> None:
        """A picture is kept if `RINGSIDE_TEST_PICTURES` names a folder."""
        if folder := os.environ.get("RINGSIDE_TEST_PICTURES"):
            self.driver.save_screenshot(str(Path(folder) / f"desk-{name}.png"))


async def test_a_student_takes_a_call_writes_it_up_and_is_graded(
    asterisk_tree: Path, tmp_path: Path, chrome: Chrome
) -> None:
    async with ClassLab(asterisk_tree, tmp_path / "voices") as lab:
        with writing(lab.engine) as session:
            user = ensure_user(session, lab.clock, site_id=lab.site, login="wang", name="<b>王小明</b>", role="student")
            user.password = hashed_pin(SECRET)
            session.add(user)
        await lab.start(web=True)
        page = DeskPage(chrome)
        await asyncio.to_thread(_sign_in, chrome, f"http://localhost:{lab.settings.web_port}")
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
        await page.until(lambda: "当前没有来电" in page.text("#pop"), "an empty desk for the next")
        assert not [one for one in chrome.get_log("browser") if "Content Security Policy" in one["message"]]
        page.look("after")


def _sign_in(driver: Chrome, origin: str) -> None:
    _again(lambda: driver.get(f"{origin}/signin?lang=zh-CN"))
    driver.find_element(By.ID, "login").send_keys("wang")
    driver.find_element(By.NAME, "secret").send_keys(SECRET, Keys.ENTER)
    _again(lambda: driver.find_element(By.CSS_SELECTOR, "header button[value='zh-CN']").click())
    _again(lambda: driver.find_element(By.CSS_SELECTOR, "html[lang='zh-CN'] form[action='/desk/sit'] button").click())


def _again(step: Callable[[], object], within_s: float = 30.0) -> None:
    """The web process may not be there yet, nor the next page."""
    end = time.monotonic() + within_s
    while True:
        try:
            step()
            return
        except WebDriverException:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
