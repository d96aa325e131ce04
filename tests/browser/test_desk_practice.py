"""A seat for you: the button, the ringing phone, the form, the write-up, and the scorecard with the seconds to hear."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from test_desk_page import SECRET, ClassLab, DeskPage, _again, chrome, until

from lab_server.desk import guests
from lab_server.desk.passwords import hashed_pin
from lab_server.desk.users import ensure_user
from lab_server.store.engine import writing
from lab_server.store.tables import LabSession, Leg, Scorecard

pytestmark = pytest.mark.browser
__all__ = ["chrome"]
SOUND = """
const [audio, done] = arguments;
audio.addEventListener("loadedmetadata", () => done(audio.duration), { once: true });
audio.addEventListener("error", () => done(-1), { once: true });
audio.preload = "metadata";
audio.load();
"""


def _sign_in_at(driver: Chrome, address: str, language: str) -> None:
    _again(lambda: driver.get(f"{address}/signin?lang={language}"))
    driver.find_element(By.ID, "login").send_keys("wang")
    driver.find_element(By.NAME, "secret").send_keys(SECRET, Keys.ENTER)
    _again(lambda: driver.find_element(By.CSS_SELECTOR, f"header button[value='{language}']").click())
    _again(lambda: driver.find_element(By.CSS_SELECTOR, f"html[lang='{language}'] form[action='/desk/call'] button"))


async def _served(page: DeskPage, lab: ClassLab, *, pause: bool) -> float:
    """Answer who rings, type something wrong, hang up, write up; how long the scorecard then took."""
    driver = page.driver
    await page.until(lambda: page.state()[1] == "ringing", "ringing", 60)
    await page.until(lambda: page.text("#pop article h1"), "who it is")
    page.key(Keys.F2)
    await page.until(lambda: page.state() == ("talking", "talking"), "talking")
    await page.until(lambda: driver.find_elements(By.CSS_SELECTOR, "#form input:enabled"), "a form to write on")
    page.look("practice-talking")
    page.key(Keys.F4)  # who says nothing is told everything bit by bit
    await until(lambda: lab.told(), 60, "the caller tells what it wants")  # else no clip could prove anything
    page.first().send_keys("不知道")
    await page.until(lambda: driver.find_elements(By.CSS_SELECTOR, "[data-part=kept]:not(:empty)"), "saved as typed")
    page.key(Keys.F9)
    await page.until(lambda: page.state() == ("wrap_up", "none"), "writing up")
    page.key(Keys.ALT, "w")
    await page.until(lambda: page.state()[0] != "wrap_up" or page.text("[data-part=faulty]"), "finished, or faulty")
    began_s = time.monotonic()
    if page.state()[0] == "wrap_up":
        page.key(Keys.ALT, "w")
    await page.until(lambda: driver.find_elements(By.CSS_SELECTOR, "#pop .score[data-state=graded]"), "a scorecard", 30)
    took_s = time.monotonic() - began_s
    assert page.state()[0] == ("not_ready" if pause else "ready")
    return took_s


async def _hears_a_clip(page: DeskPage) -> None:
    clips = page.driver.find_elements(By.CSS_SELECTOR, ".score .lost audio")
    assert clips, "no lost mark can be heard"
    page.driver.set_script_timeout(15)
    duration: Any = await asyncio.to_thread(page.driver.execute_async_script, SOUND, clips[0])
    assert 0 < duration < 30
    whole = page.driver.find_elements(By.CSS_SELECTOR, ".score audio")[-1]
    assert await asyncio.to_thread(page.driver.execute_async_script, SOUND, whole) > duration


class PracticeLab(ClassLab):
    """`told`: whether a caller has told anything yet."""

    def told(self) -> bool:
        from lab_server.store.tables import Told

        return len(self.rows(Told)) >= 2


async def test_the_button_brings_a_caller_and_the_scorecard_comes_by_itself(
    asterisk_tree: Path, tmp_path: Path, chrome: Chrome
) -> None:
    async with PracticeLab(asterisk_tree, tmp_path / "voices") as lab:
        with writing(lab.engine) as session:
            user = ensure_user(session, lab.clock, site_id=lab.site, login="wang", name="王小明", role="student")
            user.password = hashed_pin(SECRET)
            session.add(user)
        await lab.start(web=True)
        page = DeskPage(chrome)
        await asyncio.to_thread(_sign_in_at, chrome, f"http://localhost:{lab.settings.web_port}", "zh-CN")
        chrome.find_element(By.CSS_SELECTOR, "form[action='/desk/call'] button").click()
        await page.until(lambda: chrome.current_url.endswith("/desk"), "the desk")
        await page.until(lambda: page.state()[0] in {"ready", "ringing"}, "ready by the button alone")
        page.look("practice-ready")
        took_s = await _served(page, lab, pause=False)
        assert took_s < 3.0
        page.look("practice-score")
        await _hears_a_clip(page)
        card, leg = lab.rows(Scorecard)[0], next(one for one in lab.rows(Leg) if one.role == "agent")
        assert leg.user_id == card.user_id == user.id
        row = lab.rows(LabSession)[0]
        assert (row.plan["calls"], row.plan["for_seat"]) == (1, leg.seat)

        await page.until(lambda: chrome.find_elements(By.CSS_SELECTOR, "#day a[data-score]"), "the call in the own day")
        assert not [one for one in chrome.get_log("browser") if "Content Security Policy" in one["message"]]
        chrome.get(f"http://localhost:{lab.settings.web_port}/desk/score/{card.contact_id}?lang=en")
        assert page.text(".score .points")
        page.look("practice-score-page")


async def test_the_link_gives_a_guest_a_seat_and_a_pause_to_read(
    asterisk_tree: Path, tmp_path: Path, chrome: Chrome
) -> None:
    async with PracticeLab(asterisk_tree, tmp_path / "voices") as lab:
        with writing(lab.engine) as session:
            seat, key = guests.invite(session, lab.clock, lab.site, "You", {"1001", "1002"})
        assert seat == "1003"
        await lab.start(web=True)
        page = DeskPage(chrome)
        link = f"http://localhost:{lab.settings.web_port}/me?key={key}"
        await asyncio.to_thread(_again, lambda: chrome.get(f"{link}&lang=en"))
        page.look("practice-me")
        chrome.find_element(By.CSS_SELECTOR, "form[action='/me'] button").click()
        await page.until(lambda: chrome.current_url.endswith("/desk"), "the desk")
        took_s = await _served(page, lab, pause=True)
        assert took_s < 3.0
        page.look("practice-guest-score")
        await _hears_a_clip(page)
        chrome.delete_all_cookies()
        chrome.get(link)  # it was used: nobody else gets in by it
        assert not chrome.find_elements(By.CSS_SELECTOR, "form[action='/me']")
