"""The desk in real browsers before a whole Ringside: who sits there, what the page shows, what is pressed."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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

SECRET = "correct horse"

__all__ = ["SECRET", "Caller", "ClassLab", "DeskPage", "again", "browser", "sign_in", "student", "until"]


@contextmanager
def browser(chromium: Any, folder: Path, name: str = "page") -> Iterator[Chrome]:
    """A browser with a microphone that speaks; 1366 × 768."""
    wav = folder / f"{name}.wav"
    speech(wav, "en/m1", PAGE_TEXT)
    options = ChromeOptions()
    options.binary_location = str(chromium.program)
    fake = f"use-file-for-fake-audio-capture={wav}"
    for switch in (*SWITCHES, f"user-data-dir={folder / name}", fake, "use-fake-ui-for-media-stream"):
        options.add_argument(f"--{switch}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, Service(str(chromium.driver), env={**os.environ, **chromium.environment}))
    try:
        driver.set_window_size(1366, 768)
        yield driver
    finally:
        driver.quit()


def student(lab: ClassLab, login: str, name: str) -> None:
    """Who may sign in, with `SECRET`."""
    with writing(lab.engine) as session:
        user = ensure_user(session, lab.clock, site_id=lab.site, login=login, name=name, role="student")
        user.password = hashed_pin(SECRET)
        session.add(user)


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


def sign_in(driver: Chrome, lab: ClassLab, login: str) -> None:
    """In Chinese, and at the first seat that is free."""
    again(lambda: driver.get(f"http://localhost:{lab.settings.web_port}/signin?lang=zh-CN"))
    driver.find_element(By.ID, "login").send_keys(login)
    driver.find_element(By.NAME, "secret").send_keys(SECRET, Keys.ENTER)
    again(lambda: driver.find_element(By.CSS_SELECTOR, "header button[value='zh-CN']").click())
    again(lambda: driver.find_element(By.CSS_SELECTOR, "html[lang='zh-CN'] form[action='/desk/sit'] button").click())


def again(step: Callable[[], object], within_s: float = 30.0) -> None:
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
