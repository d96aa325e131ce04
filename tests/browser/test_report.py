"""A report opened from the disk, without a server and without a network, in a real Chromium."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from made_session import made_session
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from datasets.language import LANGUAGES, Language
from lab_server.report.build import write_report

pytestmark = pytest.mark.browser
Opener = Callable[[str], Chrome]
PATIENCE_S = 20.0


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition, by asking the browser again and again."""
    limit = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < limit, f"waited {PATIENCE_S} s for {what}"


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    value: Language = request.param
    return value


@pytest.fixture(scope="module")
def report(language: Language, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a made-up session, with its recordings."""
    folder = tmp_path_factory.mktemp("report")
    return write_report(made_session(folder, language, calls=6, agents=3), folder).html


@pytest.fixture
def page(report: Path, open_page: Opener) -> Chrome:
    return open_page(report.as_uri())


def requested(page: Chrome) -> list[str]:
    """Every address the page has asked for so far."""
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    sent = [message["params"] for message in messages if message["method"] == "Network.requestWillBeSent"]
    return [str(params["request"]["url"]) for params in sent if params["documentURL"].startswith("file:")]


def faults(page: Chrome) -> list[str]:
    """What went wrong in the page's own console."""
    return [entry["message"] for entry in page.get_log("browser") if entry["level"] == "SEVERE"]


def shown(page: Chrome) -> list[str | None]:
    """The ids of the sections that can be seen."""
    return [
        one.get_attribute("id") for one in page.find_elements(By.CSS_SELECTOR, "main > section") if one.is_displayed()
    ]


def go_to(page: Chrome, fragment: str) -> None:
    page.find_element(By.CSS_SELECTOR, f'nav a[href="#{fragment}"]').click()
    until(lambda: shown(page) == [fragment], f"section {fragment}")


def test_it_draws_its_charts_and_asks_nobody_for_anything(page: Chrome, language: Language) -> None:
    charts = ("over_time", "scores", "waits", "talks")
    for name in charts:
        until(
            lambda name=name: page.find_elements(By.CSS_SELECTOR, f"#chart-{name} svg.main-svg .trace"), f"chart {name}"
        )
    go_to(page, "student-1")
    page.find_element(By.CSS_SELECTOR, "#student-1 button.clip").click()
    assert [address[:60] for address in requested(page) if not address.startswith(("file:", "data:", "blob:"))] == []
    assert faults(page) == []
    assert page.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
    heading = page.find_element(By.CSS_SELECTOR, 'nav a[href="#overview"]').text
    assert heading == {"zh-CN": "总览", "en": "Overview"}[language]


def test_it_shows_one_student_at_a_time_and_links_lead_to_calls(page: Chrome) -> None:
    assert shown(page) == ["overview"]
    go_to(page, "student-2")
    assert page.find_element(By.CSS_SELECTOR, "nav a[aria-current]").get_attribute("hash") == "#student-2"
    go_to(page, "overview")
    page.find_element(By.CSS_SELECTOR, '#overview a[href="#call-3"]').click()
    until(lambda: page.find_element(By.ID, "call-3").is_displayed(), "call 3")
    page.back()
    until(lambda: shown(page) == ["overview"], "the overview again")


def playing(page: Chrome, button: WebElement) -> tuple[float, bool]:
    """(current second, paused) of the recording that a clip belongs to."""
    script = "const a = document.getElementById(arguments[0]); return [a.currentTime, a.paused]"
    at, paused = page.execute_script(script, button.get_attribute("data-audio"))
    return float(at), bool(paused)


def test_a_clip_plays_from_its_first_second_to_its_last(page: Chrome) -> None:
    go_to(page, "student-1")
    button = page.find_elements(By.CSS_SELECTOR, "#student-1 button.clip")[2]
    begin, end = float(button.get_attribute("data-from") or ""), float(button.get_attribute("data-to") or "")
    assert 0 < begin < end
    # The first second it plays is caught in the page itself: the driver's own round trips take time.
    page.execute_script(
        "const a = document.getElementById(arguments[0]); window.first = null;"
        "a.addEventListener('playing', () => { window.first ??= a.currentTime; });",
        button.get_attribute("data-audio"),
    )
    button.click()
    until(lambda: page.execute_script("return window.first") is not None, "the sound")
    assert abs(float(page.execute_script("return window.first")) - begin) < 0.3
    assert button.get_attribute("aria-pressed") == "true"
    until(lambda: playing(page, button)[1], "the clip's end")
    assert abs(playing(page, button)[0] - end) < 0.3
    assert button.get_attribute("aria-pressed") == "false"


def test_a_second_clip_takes_over_and_a_second_click_stops(page: Chrome) -> None:
    go_to(page, "student-1")
    first, second = page.find_elements(By.CSS_SELECTOR, "#student-1 button.clip")[1:3]
    first.click()
    until(lambda: not playing(page, first)[1], "the first clip")
    second.click()
    until(lambda: second.get_attribute("aria-pressed") == "true" and not playing(page, second)[1], "the second clip")
    assert first.get_attribute("aria-pressed") == "false"
    assert playing(page, second)[0] >= float(second.get_attribute("data-from") or "") - 0.3
    second.click()
    assert playing(page, second)[1]
    assert second.get_attribute("aria-pressed") == "false"


def test_it_fits_the_screen_of_a_class_room_and_a_narrow_one(page: Chrome) -> None:
    for width in (1366, 800, 420):
        page.set_window_size(width, 768)
        for fragment in ("overview", "student-1"):
            go_to(page, fragment)
            wide = page.execute_script(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, (width, fragment)
