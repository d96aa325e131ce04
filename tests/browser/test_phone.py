"""The phone in the page: real Chromium, real web process, real switch, real callers."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from phone_lab import Lab, PhonePage, phone_lab, until
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sip_caller import envelope, likeness

pytestmark = pytest.mark.browser
ALIKE = 0.5
"""Two different sentences of the lab are alike by 0.3 at most."""


@pytest.fixture(scope="module")
def lab(asterisk_tree: Path, tmp_path_factory: pytest.TempPathFactory, chromium: Any) -> Iterator[Lab]:
    with phone_lab(asterisk_tree, tmp_path_factory.mktemp("phone"), chromium) as made:
        yield made


@pytest.fixture(scope="module")
def chrome(lab: Lab) -> Chrome:
    return lab.browsers()


@pytest.fixture
def page(lab: Lab, chrome: Chrome) -> Iterator[PhonePage]:
    page = lab.open(browser=chrome).ready()
    yield page
    for caller in lab.callers:
        caller.close()
    lab.callers.clear()
    until(lambda: lab.channels() == 0, "the end of all calls")
    chrome.get(f"http://localhost:{lab.port}/healthz")
    chrome.execute_script("sessionStorage.clear()")


def test_each_hears_the_other(lab: Lab, page: PhonePage) -> None:
    caller = lab.rings(name="王小明")
    until(lambda: page.call() == "ringing", "ringing")
    assert (page.text("name"), page.text("number")) == ("王小明", "16312345678")
    page.press("answer")
    until(lambda: page.call() == "talking" and caller.talking, "talking")
    heard = np.array(page.hears(4))
    assert heard.max() > 0.02
    assert likeness(heard, envelope(lab.caller_says)) > ALIKE
    caller.silent = True  # Chromium takes for an echo what is said while the other side speaks
    heard_before = len(caller.heard(60))
    until(lambda: len(caller.heard(60)) >= heard_before + 5 * 8000, "five seconds of the page")
    assert likeness(envelope(caller.heard(4)), envelope(lab.page_says)) > ALIKE
    page.press("hangUp")
    until(lambda: caller.ended_at_s and page.call() == "none", "the end")


def rung(lab: Lab, page: PhonePage, number: str = "7001") -> Any:
    """A caller in a talk with the page."""
    caller = lab.rings(number)
    until(lambda: page.call() == "ringing", "ringing")
    page.press("answer")
    until(lambda: page.call() == "talking" and caller.talking, "talking")
    return caller


def loud(caller: Any, seconds: float = 1.0) -> float:
    return float(envelope(caller.heard(seconds)).max())


def renewed(page: PhonePage) -> bool:
    """The switch has answered the re-INVITE that tells it by which WebSocket the call is reached now."""
    phone = "document.getElementById('phone').ringside.phone()"
    return bool(page.browser.execute_script(f"return {phone}._session?.isReadyToReOffer()"))


def test_the_caller_hangs_up(lab: Lab, page: PhonePage) -> None:
    caller = rung(lab, page)
    caller.hang_up()
    until(lambda: page.call() == "none", "the end at the page")
    assert page.text("message") == "The other side has hung up."
    caller = lab.rings()
    until(lambda: page.call() == "ringing", "ringing")
    caller.hang_up()
    until(lambda: page.call() == "none", "no ringing any more")


def test_who_is_turned_away_hears_busy_and_the_page_can_be_rung_again(lab: Lab, page: PhonePage) -> None:
    caller = lab.rings()
    until(lambda: page.call() == "ringing", "ringing")
    page.press("hangUp")
    until(lambda: caller.ended_at_s, "the caller's end")
    assert not caller.answered_at_s
    rung(lab, page)


def test_keys_and_mute_by_buttons_and_by_keyboard(lab: Lab, page: PhonePage) -> None:
    caller = lab.rings()
    until(lambda: page.call() == "ringing", "ringing")
    page.browser.find_element(By.TAG_NAME, "body").send_keys(Keys.F2)
    until(lambda: page.call() == "talking" and caller.talking, "talking")
    for key in "15#":
        page.key(key)
    until(lambda: caller.keys == "15#", "the keys")
    until(lambda: loud(caller) > 0.03, "the page's voice")
    page.browser.find_element(By.TAG_NAME, "body").send_keys(Keys.F4)
    until(lambda: len(caller.heard(0.5)) and loud(caller, 0.5) < 0.005, "silence")
    assert page.text("stage") == "Muted: the other side hears nothing"
    assert page.browser.execute_script("return document.querySelector('[data-part=level]').value") >= 0
    page.press("mute")
    until(lambda: loud(caller) > 0.03, "the page's voice again")
    page.browser.find_element(By.TAG_NAME, "body").send_keys(Keys.F9)
    until(lambda: caller.ended_at_s, "the end")


def test_a_test_call_plays_back_what_the_microphone_hears(lab: Lab, page: PhonePage) -> None:
    page.press("test")
    until(lambda: page.call() == "talking", "the test call")
    assert likeness(np.array(page.hears(4)), envelope(lab.page_says)) > ALIKE
    page.press("hangUp")
    until(lambda: page.call() == "none", "its end")


def test_a_second_call_while_one_is_on_is_busy(lab: Lab, page: PhonePage) -> None:
    first = rung(lab, page)
    second = lab.rings()
    until(lambda: second.ended_at_s, "the second caller's end")
    assert first.talking and not second.answered_at_s and page.call() == "talking"


def test_a_websocket_cut_for_ten_seconds_leaves_the_talk_alone(lab: Lab, page: PhonePage) -> None:
    """The network swallows what the page says to the web process; sound goes another way, as it does in the lab."""
    caller = rung(lab, page)
    page.browser.execute_script("document.getElementById('phone').ringside.phone()._socket._socket.close()")
    page.browser.execute_script(
        """
        window.real = WebSocket;
        window.WebSocket = class { constructor() { setTimeout(() => this.onclose({code: 1006})); } close() {} };
        Object.assign(WebSocket, { OPEN: 1, CONNECTING: 0 });
        """
    )
    until(lambda: page.line() == "lost", "the page notices")
    until(lambda: not lab.registered(), "the switch notices")
    cut_at_s = time.monotonic()
    while time.monotonic() - cut_at_s < 10:
        assert page.call() == "talking" and loud(caller, 5) > 0.03
    page.browser.execute_script("window.WebSocket = window.real")
    took_s = until(lambda: page.line() == "ready", "the page is back")
    print(f"back {took_s:.2f} s after the network")
    until(lambda: loud(caller) > 0.03, "the talk")
    until(lambda: renewed(page), "the call's new way")
    caller.hang_up()  # its BYE finds the page by the new WebSocket
    until(lambda: page.call() == "none", "the end", 5)


def test_a_killed_web_process_ends_no_call_and_the_page_comes_back_by_itself(lab: Lab, page: PhonePage) -> None:
    caller = rung(lab, page)
    lab.stop_web(signal.SIGKILL)
    until(lambda: page.line() == "lost", "the page notices")
    assert page.call() == "talking" and caller.talking
    lab.start_web()
    print(f"back {until(lambda: page.line() == 'ready', 'the page is back'):.2f} s after the web process")
    assert caller.talking and page.call() == "talking"
    until(lambda: loud(caller) > 0.03, "the talk")
    caller.hang_up()
    until(lambda: page.call() == "none", "the end", 5)
    rung(lab, page)


def test_a_reload_in_mid_call_says_so_and_talks_again_within_a_second(lab: Lab, page: PhonePage) -> None:
    """The floor keeps the caller and rings again with the auto-answer header; here the dialplan does that."""
    caller = rung(lab, page)
    page.browser.refresh()
    until(lambda: page.line() == "ready", "the page is back")
    until(lambda: caller.ended_at_s, "the leg's end")
    again = lab.rings("8001")  # with answer-after=0
    took_s = until(lambda: again.talking and page.call() == "talking", "talking again")
    print(f"talking {took_s:.2f} s after the ring")
    assert likeness(np.array(page.hears(3)), envelope(lab.caller_says)) > ALIKE


def test_one_tab_is_the_phone_and_the_next_one_takes_over_when_it_is_closed(lab: Lab, page: PhonePage) -> None:
    browser = page.browser
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    try:
        browser.get(f"http://localhost:{lab.port}/phone?lang=en")
        page.press("on")
        until(lambda: "another tab" in page.text("message"), "the second tab's word")
        assert page.line() == "off" and lab.registered()
        second = browser.current_window_handle
        browser.switch_to.window(first)
        browser.get("about:blank")
        browser.switch_to.window(second)
        page.ready()
        rung(lab, page)
    finally:
        browser.close()
        browser.switch_to.window(first)


def test_another_browser_at_the_same_seat_takes_the_phone_and_the_first_one_says_so(lab: Lab, page: PhonePage) -> None:
    other = lab.open().ready()
    until(lambda: page.line() == "taken", "the first page's word")
    rung(lab, other)
    page.press("on")
    page.ready()
    other.browser.quit()


@pytest.mark.parametrize(("lang", "words"), [("en", "may not use the microphone"), ("zh-CN", "麦克风")])
def test_without_a_microphone_the_page_says_what_to_do_and_is_not_rung(lab: Lab, lang: str, words: str) -> None:
    page = lab.open("1002", microphone="denied", lang=lang)
    until(lambda: words in page.text("message"), "what to do")
    assert page.line() == "off" and not lab.registered("1002")
    page.browser.quit()
