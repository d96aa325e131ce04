"""Signing in as people do it, in a real Chromium: without a mouse, in both languages, light and dark."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from web_site import SECRET, Site, served

from datasets.language import Language
from lab_server.config import Settings
from lab_server.desk.passwords import hashed_pin
from lab_server.desk.sites import ensure_site
from lab_server.desk.users import ensure_user
from lab_server.store.engine import open_engine, writing
from lab_server.store.tables import Klass, KlassMember
from telephony.clock import SystemClock

pytestmark = pytest.mark.browser

NAMES = ("王小明", "李芳", "<script>alert(1)</script>", "赵 敏", "Zhou Lan", "陈静", "=1+1", "刘洋", "孙丽", "周杰")
PIN = "730518"
LIST = "学号,姓名,班组\n20260201,高翔,一组\n20260202,,一组\n20260203,林静,二组\n20260203,何勇,二组\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A served school with a class of ten and a teacher."""
    with served(tmp_path_factory.mktemp("door")) as running:
        running.person("teacher", "instructor")
        running.person("admin", "admin")
        engine, clock = open_engine(running.database), SystemClock()
        with writing(engine) as session:
            site_id = ensure_site(session, clock, Settings(var=running.var, site_name="School")).id
            klass = Klass(site_id=site_id, name="客服实训二班", course="呼叫中心实务")
            session.add(klass)
            session.flush()
            kept = hashed_pin(PIN)
            for number, name in enumerate(NAMES, start=20260101):
                user = ensure_user(session, clock, site_id=site_id, login=str(number), name=name, role="student")
                user.password = kept
                session.add_all(
                    [user, KlassMember(site_id=site_id, klass_id=klass.id, user_id=user.id, joined_at=clock.utc())]
                )
        engine.dispose()
        yield running


@pytest.fixture
def page(open_page: Callable[[str], Chrome], site: Site) -> Iterator[Chrome]:
    """A browser that nobody has used."""
    driver = open_page(f"{site.origin}/healthz")
    driver.delete_all_cookies()
    yield driver
    driver.delete_all_cookies()
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def look(driver: Chrome, name: str) -> None:
    """It has to fit the screen. A picture is kept if `RINGSIDE_TEST_PICTURES` names a folder."""
    wide = driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, name
    if folder := os.environ.get("RINGSIDE_TEST_PICTURES"):
        driver.save_screenshot(str(Path(folder) / f"{name}.png"))


def dark(driver: Chrome, *, on: bool) -> None:
    value = "dark" if on else "light"
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": value}]}
    )


def until(driver: Chrome, holds: Callable[[Chrome], object]) -> None:
    passing = [StaleElementReferenceException, NoSuchElementException]  # while the next page comes
    WebDriverWait(driver, 20, poll_frequency=0.05, ignored_exceptions=passing).until(holds)


def at(path: str) -> Callable[[Chrome], bool]:
    return lambda driver: driver.current_url.partition("?")[0].endswith(path)


def choose(driver: Chrome, language: Language) -> None:
    """The language in the corner of every page, where it is not this one yet."""
    for button in driver.find_elements(By.CSS_SELECTOR, f"header button[value='{language}']"):
        button.send_keys(Keys.ENTER)
        until(driver, lambda page: page.find_element(By.TAG_NAME, "html").get_attribute("lang") == language)
        return


def keys(driver: Chrome, *typed: str) -> None:
    """Type where the focus is."""
    for one in typed:
        driver.switch_to.active_element.send_keys(one)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_student_signs_in_without_a_mouse(page: Chrome, site: Site, language: Language) -> None:
    page.get(f"{site.origin}/signin")
    choose(page, language)
    for scheme in ("light", "dark"):
        dark(page, on=scheme == "dark")
        look(page, f"signin-{language}-{scheme}")
    keys(page, "20260103", Keys.TAB, PIN, Keys.ENTER)
    until(page, at("/"))
    assert "<script>alert(1)</script>" in page.find_element(By.TAG_NAME, "h1").text
    look(page, f"day-{language}-dark")
    page.get(f"{site.origin}/seat")
    look(page, f"seat-{language}-dark")
    page.find_element(By.CSS_SELECTOR, "button[value='1002']").send_keys(Keys.ENTER)
    choose(page, language)
    until(page, lambda driver: "1002" in driver.find_element(By.CSS_SELECTOR, "header .who").text)
    page.find_element(By.CSS_SELECTOR, "form[action='/signout'] button").send_keys(Keys.ENTER)
    until(page, at("/signin"))
    assert not [one for one in page.get_log("browser") if "Content Security Policy" in one["message"]]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_teacher_looks_after_a_class(page: Chrome, site: Site, tmp_path: Path, language: Language) -> None:
    dark(page, on=False)
    page.get(f"{site.origin}/signin")
    page.find_element(By.ID, "login").send_keys("teacher", Keys.TAB, SECRET, Keys.ENTER)
    until(page, at("/"))
    choose(page, language)
    look(page, f"start-{language}-light")
    page.get(f"{site.origin}/classes")
    look(page, f"classes-{language}-light")
    page.find_element(By.CSS_SELECTOR, "tbody a").send_keys(Keys.ENTER)
    until(page, lambda driver: driver.find_elements(By.ID, "members"))
    for scheme in ("light", "dark"):
        dark(page, on=scheme == "dark")
        look(page, f"class-{language}-{scheme}")
    klass = page.current_url.partition("?")[0]
    file = tmp_path / "名单.csv"
    file.write_bytes(LIST.encode("gb18030"))
    page.get(f"{klass}/import")
    page.find_element(By.ID, "file").send_keys(str(file))
    page.find_element(By.CSS_SELECTOR, "form[enctype] button").send_keys(Keys.ENTER)
    until(page, lambda driver: len(driver.find_elements(By.CSS_SELECTOR, "tr.faulty")) == 2)
    look(page, f"import-{language}-dark")
    page.get(f"{site.origin}/audit")
    look(page, f"audit-{language}-dark")
    page.get(f"{site.origin}/profile")
    look(page, f"profile-{language}-dark")


def test_the_pins_of_a_class_are_printed_once(page: Chrome, site: Site) -> None:
    dark(page, on=False)
    page.get(f"{site.origin}/signin?lang=zh-CN")
    page.find_element(By.ID, "login").send_keys("teacher", Keys.TAB, SECRET, Keys.ENTER)
    until(page, at("/"))
    page.get(f"{site.origin}/classes")
    page.find_element(By.CSS_SELECTOR, "tbody a").send_keys(Keys.ENTER)
    until(page, lambda driver: driver.find_elements(By.ID, "members"))
    page.find_element(By.CSS_SELECTOR, "form[action$='/pins'] button").send_keys(Keys.ENTER)
    until(page, lambda driver: len(driver.find_elements(By.CLASS_NAME, "slip")) == len(NAMES))
    look(page, "slips-screen")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not page.find_element(By.TAG_NAME, "header").is_displayed()
    look(page, "slips-print")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
