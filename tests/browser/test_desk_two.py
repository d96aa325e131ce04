"""Two students in two browsers, and a brain that dies under one: what is typed goes along, and the talk goes on."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from desk_lab import Caller, ClassLab, DeskPage, browser, sign_in, student, until
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lab_server.store.tables import Leg
from telephony.speech.wavfile import read_wav

pytestmark = pytest.mark.browser


async def sits(page: DeskPage, lab: ClassLab, login: str) -> None:
    """Signed in, seated, the phone of the page registered; not ready yet."""
    await asyncio.to_thread(sign_in, page.driver, lab, login)
    await page.until(lambda: page.driver.current_url.endswith("/desk"), "the desk")
    await page.until(lambda: {"ready", "on"} <= page.can(), "a seat on the floor")


async def is_ready(page: DeskPage) -> None:
    page.key(Keys.ALT, "r")
    await page.until(lambda: page.state() == ("ready", "none"), "ready")
    await page.until(lambda: "test" in page.can(), "the phone")


async def takes_call(page: DeskPage) -> None:
    await page.until(lambda: page.state()[1] == "ringing", "ringing", 60)
    page.key(Keys.F2)
    await page.until(lambda: page.state() == ("talking", "talking"), "talking")


async def test_a_call_is_held_and_sent_on_with_all_that_was_typed(
    asterisk_tree: Path, tmp_path: Path, chromium: Any
) -> None:
    with browser(chromium, tmp_path, "wang") as first, browser(chromium, tmp_path, "li") as second:
        async with ClassLab(asterisk_tree, tmp_path / "voices") as lab:
            student(lab, "wang", "王小明")
            student(lab, "li", "李<i>芳</i>")
            await lab.start(web=True)
            wang, li = DeskPage(first), DeskPage(second)
            await sits(wang, lab, "wang")
            await sits(li, lab, "li")
            await is_ready(wang)
            lab.launch([Caller(0.5, "order", asks=None)], [])
            await lab.begin()
            await takes_call(wang)
            await wang.until(lambda: first.find_elements(By.CSS_SELECTOR, "#form input:enabled"), "a form")
            await wang.until(lambda: wang.types("压力锅"), "the first field")
            await wang.until(lambda: "已保存" in wang.text("[data-part=kept]"), "saved as typed")

            wang.key(Keys.F8)
            await wang.until(lambda: "resume" in wang.can(), "held")
            wang.key(Keys.F8)
            await wang.until(lambda: "hold" in wang.can(), "resumed")

            await is_ready(li)
            seat = second.find_element(By.ID, "desk").get_attribute("data-seat")
            first.find_element(By.NAME, "to").send_keys(f"seat:{seat}")
            wang.key(Keys.ALT, "x")
            await takes_call(li)
            await wang.until(lambda: wang.state()[0] == "wrap_up", "the first one writes up")
            await li.until(lambda: li.value() == "压力锅", "what was typed came along")
            contact = second.find_element(By.CSS_SELECTOR, "#pop article").get_attribute("data-contact")
            await asyncio.to_thread(lambda: li.look("sent-on"))
            li.key(Keys.F9)
            await li.until(lambda: li.state() == ("wrap_up", "none"), "writing up")
            legs = {leg.name: leg for leg in await until(lambda: recorded(lab, contact), 10, "three recordings")}
            assert set(legs) == {"customer", "agent-1", "agent-2"}
            for name in ("agent-1", "agent-2"):
                voice = read_wav(lab.settings.recordings / legs[name].recording)
                assert abs(voice).max() > 0.05, f"the microphone of {name} is heard on its recording"


def recorded(lab: ClassLab, contact: str) -> list[Leg]:
    """Its legs, once all are over."""
    legs = [leg for leg in lab.rows(Leg) if leg.contact_id == contact]
    return legs if legs and all(leg.ended_at for leg in legs) else []


async def test_a_brain_that_dies_in_mid_call_is_not_noticed(asterisk_tree: Path, tmp_path: Path, chromium: Any) -> None:
    with browser(chromium, tmp_path) as driver:
        async with ClassLab(asterisk_tree, tmp_path / "voices") as lab:
            student(lab, "wang", "王小明")
            await lab.start(web=True)
            page = DeskPage(driver)
            await sits(page, lab, "wang")
            await is_ready(page)
            lab.launch([Caller(0.5, "order", asks=None)], [])
            await lab.begin()
            await takes_call(page)
            await page.until(lambda: driver.find_elements(By.CSS_SELECTOR, "#form input:enabled"), "a form")
            await lab.replaced("brain", signal.SIGKILL, 5)
            await page.until(lambda: page.types("高压锅"), "the form is written on")
            await page.until(lambda: "已保存" in page.text("[data-part=kept]"), "saved as typed")
            await page.until(lambda: page.state() == ("talking", "talking"), "the talk goes on")
            await page.until(lambda: "hold" in page.can(), "the buttons are back")
            page.key(Keys.F8)
            await page.until(lambda: "resume" in page.can(), "held by the next brain")
            page.key(Keys.F8)
            await page.until(lambda: "hold" in page.can(), "resumed")
            page.key(Keys.F9)
            await page.until(lambda: page.state() == ("wrap_up", "none"), "writing up")
