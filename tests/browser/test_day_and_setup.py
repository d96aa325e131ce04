"""What only a browser shows of the day and the set-up: order by keys, a played message, a reload in a survey."""

import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait
from sqlmodel import select
from web_site import SECRET, Site, served

from lab_server.desk import contacts, example, mailboxes, polls
from lab_server.desk.desk import Desk
from lab_server.desk.templates import library
from lab_server.desk.templates.model import FieldKind, Jump, TemplateField
from lab_server.ids import new_id
from lab_server.store.engine import open_engine, writing
from lab_server.store.tables import Leg, User, Voicemail
from lab_server.store.tables import Site as SiteRow
from telephony.clock import SystemClock

pytestmark = pytest.mark.browser


@dataclass
class School:
    site: Site
    contact: str
    survey: str
    form: str

    def heard(self) -> bool:
        engine = open_engine(self.site.database)
        with writing(engine) as session:
            row = session.exec(select(Voicemail)).one()
            found = row.heard_at is not None
        engine.dispose()
        return found


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A call that was answered, a message, a survey that is asked, the example's forms."""
    with served(tmp_path_factory.mktemp("day")) as site:
        site.person("teacher", "instructor")
        site.person("student", "student")
        site.person("admin", "admin")
        sound = site.var / "recordings" / "m" / "one.wav"
        sound.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(sound), "wb") as out:
            out.setparams((1, 2, 8000, 0, "NONE", ""))
            out.writeframes(b"\0\x10\0\xf0" * 8000)
        engine, clock, contact = open_engine(site.database), SystemClock(), new_id()
        with writing(engine) as session:
            people = {one.login: one for one in session.exec(select(User))}
            admin, row = Desk(session, clock, people["admin"]), session.exec(select(SiteRow)).one()
            example.fill(session, clock, people["admin"])
            now = clock.utc()
            contacts.begin(
                session, row, contact_id=contact, mode="training", direction="in", trunk="lab", caller="13900000001",
                called="95500", offered_at=now,
            )  # fmt: skip
            session.add(
                Leg(
                    site_id=row.id, contact_id=contact, name="agent-1", role="agent", seat="1001", number="1001",
                    user_id=people["student"].id, started_at=now, answered_at=now,
                )
            )  # fmt: skip
            session.flush()
            mailboxes.leave(session, clock, contact_id=contact, mailbox="main", path="m/one.wav", duration_s=2.0)
            questions = [
                TemplateField(
                    key="happy", kind=FieldKind.YES_NO, title={"en": "Happy?"}, jumps=(Jump(among=("yes",), to=""),)
                ),
                TemplateField(key="why", kind=FieldKind.TEXT, title={"en": "Why not?"}),
            ]
            polls.save(admin, "happy", "Happy?", questions)
            survey, form = polls.start(admin, "happy").id, library.listed(admin)[0].key
        engine.dispose()
        yield School(site, contact, survey, form)


@pytest.fixture
def signed_in(open_page: Callable[[str], Chrome], school: School) -> Iterator[Callable[[str], Chrome]]:
    """A function that opens the browser as somebody."""
    drivers: list[Chrome] = []

    def as_(login: str) -> Chrome:
        driver = open_page(f"{school.site.origin}/healthz")
        drivers.append(driver)
        driver.delete_all_cookies()
        with httpx.Client(base_url=school.site.origin, trust_env=False) as client:
            form, origin = {"login": login, "secret": SECRET}, {"origin": school.site.origin}
            assert client.post("/signin", data=form, headers=origin).status_code == 303
            for cookie in client.cookies.jar:
                driver.add_cookie({"name": cookie.name, "value": cookie.value or "", "path": "/"})
        return driver

    yield as_
    for driver in drivers:
        driver.delete_all_cookies()


def titles(driver: Chrome) -> list[str]:
    return list(driver.execute_script("return [...document.querySelectorAll('[data-row] th a')].map(one => one.id)"))


def test_questions_are_put_in_order_by_keys(signed_in: Callable[[str], Chrome], school: School) -> None:
    driver = signed_in("teacher")
    driver.get(f"{school.site.origin}/forms/{school.form}?lang=en")
    before = titles(driver)
    moved = [before[1], before[0], *before[2:]]
    driver.execute_script("document.getElementById(arguments[0]).focus()", before[1])
    for key, after in [(Keys.ARROW_UP, moved), (Keys.ARROW_DOWN, before), (Keys.ARROW_UP, moved)]:
        ActionChains(driver).key_down(Keys.ALT).send_keys(key).key_up(Keys.ALT).perform()
        WebDriverWait(driver, 20).until(lambda _, after=after: titles(driver) == after)
        # the cursor goes with the question, so that the next key moves it on
        WebDriverWait(driver, 20).until(lambda _: driver.switch_to.active_element.get_attribute("id") == before[1])


def test_a_message_that_is_played_has_been_heard(signed_in: Callable[[str], Chrome], school: School) -> None:
    driver = signed_in("student")
    driver.get(f"{school.site.origin}/mailbox?box=main&lang=en")
    assert not school.heard()
    driver.execute_script("document.querySelector('audio').play()")
    WebDriverWait(driver, 20).until(lambda _: school.heard())
    script = "const a = document.querySelector('audio'); return a.error === null && a.duration > 1"
    WebDriverWait(driver, 20).until(lambda _: driver.execute_script(script))
    WebDriverWait(driver, 20).until(lambda _: not driver.find_elements(By.CSS_SELECTOR, "tr.new"))


def test_a_survey_follows_its_jumps_and_outlives_a_reload(signed_in: Callable[[str], Chrome], school: School) -> None:
    driver = signed_in("student")
    driver.get(f"{school.site.origin}/answer/{school.contact}/{school.survey}?lang=en")
    why = (By.CSS_SELECTOR, '[data-field="why"]')
    driver.find_element(By.ID, "f-why").send_keys("too slow")
    Select(driver.find_element(By.ID, "f-happy")).select_by_value("yes")
    WebDriverWait(driver, 20).until(lambda _: not driver.find_element(*why).is_displayed())
    Select(driver.find_element(By.ID, "f-happy")).select_by_value("no")
    WebDriverWait(driver, 20).until(lambda _: driver.find_element(*why).is_displayed())
    driver.refresh()
    WebDriverWait(driver, 20).until(lambda _: driver.find_element(By.ID, "f-why").get_attribute("value") == "too slow")
    driver.find_element(By.CSS_SELECTOR, 'button[value="save"].main').click()
    WebDriverWait(driver, 20).until(lambda _: driver.find_elements(By.CSS_SELECTOR, '[data-kept="1"]'))
    assert driver.execute_script("return localStorage.length") == 0
