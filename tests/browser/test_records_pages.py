"""Customers, tickets and orders in a real Chromium: as one types, by keys alone, and beside a call on the desk."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from web_site import SECRET, Site, served

from lab_server.config import Settings
from lab_server.desk import contacts
from lab_server.desk.crm import records, viewers
from lab_server.desk.desk import Desk
from lab_server.desk.shop import catalogue, sales
from lab_server.desk.sites import ensure_site
from lab_server.desk.ticketing import categories, work
from lab_server.desk.users import ensure_seats, of_login
from lab_server.ids import new_id
from lab_server.store.engine import open_engine, writing
from lab_server.store.tables import Leg, User
from telephony.clock import SystemClock

pytestmark = pytest.mark.browser
HTMX = Path(__file__).parents[2] / "web/static/built/htmx.js"
EVIL = "<img src=x onerror=alert(1)>"


class School:
    """A served school with a customer, a small shop, and a call that student `wang` talks in."""

    def __init__(self, site: Site) -> None:
        self.site, self.clock = site, SystemClock()
        self._engine = open_engine(site.database)
        site.person("wang", "student")
        site.person("teacher", "instructor")
        with writing(self._engine) as session:
            row = ensure_site(session, self.clock, Settings(var=site.var, site_name="School"))
            self.site_id = row.id
            ensure_seats(session, row.id, ("1001",))
            wang, teacher = (self._user(session, login) for login in ("wang", "teacher"))
            desk = Desk(session, self.clock, teacher)
            catalogue.save(desk, "POT-1", {"name": "炒锅", "price_cents": 12900, "variants": ["红", "黑"]})
            catalogue.restock(desk, "POT-1", 4)
            categories.save(desk, "goods", {"zh-CN": "商品", "en": "Goods"})
            people = [
                records.create(
                    desk, "training", {"number": f"1390000000{at}", "name": name, "address": f"杭州文三路{at}号"}
                )
                for at, name in enumerate(("王小明", "李芳", EVIL))
            ]
            self.other = people[1].id
            now = self.clock.utc()
            self.contact = new_id()
            contact = contacts.begin(
                session, row, contact_id=self.contact, mode="training", direction="in", trunk="lab",
                caller="13900000000", called="95500", offered_at=now - timedelta(seconds=60),
            )  # fmt: skip
            contact.answered_at, contact.queue, self.customer = now, "order", contact.customer_id or ""
            session.add(
                Leg(
                    site_id=row.id, contact_id=self.contact, name="agent-1", role="agent", number="1001", seat="1001",
                    user_id=wang.id, started_at=now - timedelta(seconds=5), answered_at=now,
                )
            )  # fmt: skip
            mine = Desk(session, self.clock, wang)
            lines, where = [sales.LineIn(sku="POT-1", quantity=1, variant="红")], {"name": "王小明", "address": "杭州"}
            self.order = sales.place(mine, "training", lines, "prepaid", where, customer_id=self.customer).id
            self.ticket = work.open_ticket(mine, "training", "fault", "炒锅掉漆", customer_id=self.customer).id

    def _user(self, session: object, login: str) -> User:
        found = of_login(session, self.site_id, login)  # type: ignore[arg-type]
        assert found is not None
        return found

    def look_in(self, login: str, field: str) -> None:
        """That user has the customer's record open, in that field."""
        with writing(self._engine) as session:
            viewers.look(Desk(session, self.clock, self._user(session, login)), "customer", self.customer, field)

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    if not HTMX.is_file():
        pytest.skip("htmx is not built here: run make setup")
    with served(tmp_path_factory.mktemp("records")) as running:
        made = School(running)
        yield made
        made.close()


@pytest.fixture
def page(open_page: Callable[[str], Chrome], school: School) -> Iterator[Chrome]:
    """A browser in which nobody is signed in."""
    driver = open_page(f"{school.site.origin}/healthz")
    driver.delete_all_cookies()
    yield driver
    driver.delete_all_cookies()


def signed_in(driver: Chrome, school: School, login: str, language: str = "en") -> None:
    driver.get(f"{school.site.origin}/signin?lang={language}")
    driver.find_element(By.NAME, "login").send_keys(login)
    driver.find_element(By.NAME, "secret").send_keys(SECRET, Keys.ENTER)
    until(driver, lambda: "/signin" not in driver.current_url)


def until(driver: Chrome, holds: Callable[[], object], within_s: float = 15) -> None:
    ignored = [NoSuchElementException, StaleElementReferenceException]
    WebDriverWait(driver, within_s, 0.05, ignored).until(lambda _: holds())


def text(driver: Chrome, selector: str) -> str:
    return driver.find_element(By.CSS_SELECTOR, selector).text


def type_in(driver: Chrome, *keys: str) -> None:
    driver.switch_to.active_element.send_keys(*keys)


def errors(driver: Chrome) -> list[str]:
    """What the browser complains of: refused scripts or styles, faults of ours."""
    found = [one["message"] for one in driver.get_log("browser") if one["level"] == "SEVERE"]
    return [one for one in found if "/api/" not in one and "favicon" not in one]  # there is no floor here


def picture(driver: Chrome, name: str) -> None:
    """A picture is kept if `RINGSIDE_TEST_PICTURES` names a folder."""
    if folder := os.environ.get("RINGSIDE_TEST_PICTURES"):
        driver.save_screenshot(str(Path(folder) / f"records-{name}.png"))


def test_customers_are_found_while_one_types_and_opened_by_enter(page: Chrome, school: School) -> None:
    signed_in(page, school, "teacher")
    page.get(f"{school.site.origin}/customers")
    assert page.switch_to.active_element.get_attribute("id") == "q"
    until(page, lambda: "李芳" in text(page, "#rows"))
    picture(page, "customers")
    type_in(page, "wxm")
    until(page, lambda: "李芳" not in text(page, "#rows"))
    assert "王小明" in text(page, "#rows")
    type_in(page, Keys.ENTER)
    until(page, lambda: page.current_url.endswith(f"/customers/{school.customer}"))
    picture(page, "customer")
    school.look_in("wang", "address")
    until(page, lambda: "wang is in the field “Address”" in text(page, "#here"))
    assert errors(page) == []


def test_an_order_says_what_it_costs_while_it_is_typed(page: Chrome, school: School) -> None:
    signed_in(page, school, "wang")
    page.get(f"{school.site.origin}/orders/new?contact={school.contact}")
    assert page.switch_to.active_element.get_attribute("name") == "sku.1"
    type_in(page, "POT-1", Keys.TAB)
    until(page, lambda: page.find_element(By.NAME, "variant.1"))
    type_in(page, "2", Keys.TAB)
    until(page, lambda: text(page, "#order-total") == "258.00")
    page.find_element(By.NAME, "quantity.1").send_keys("0", Keys.TAB)
    until(page, lambda: "not so many" in text(page, "#price-1"))
    picture(page, "new-order")
    assert errors(page) == []


def test_a_ticket_is_written_beside_the_call_and_the_form_is_left_alone(page: Chrome, school: School) -> None:
    signed_in(page, school, "wang")
    page.get(f"{school.site.origin}/seat")
    page.find_element(By.XPATH, "//button[contains(., '1001')]").send_keys(Keys.ENTER)
    until(page, lambda: "/seat" not in page.current_url)
    page.get(f"{school.site.origin}/desk?contact={school.contact}")
    until(page, lambda: page.find_element(By.ID, "note"))
    page.find_element(By.ID, "note").send_keys("客户说漆掉了")
    type_in(page, Keys.ALT, "i")
    until(page, lambda: page.find_element(By.CSS_SELECTOR, "#beside [name=title]").is_displayed())
    picture(page, "beside")
    assert "王小明" in text(page, "#beside")
    field = page.find_element(By.CSS_SELECTOR, "#beside [name=title]")
    field.send_keys(EVIL)
    type_in(page, Keys.ESCAPE)
    until(page, lambda: not page.find_element(By.ID, "beside").is_displayed())
    assert page.switch_to.active_element.get_attribute("id") == "note"
    type_in(page, Keys.ALT, "i")  # what was begun is there still
    until(page, lambda: page.find_element(By.ID, "beside").is_displayed())
    field = page.find_element(By.CSS_SELECTOR, "#beside [name=title]")
    assert field.get_attribute("value") == EVIL
    field.send_keys(Keys.ENTER)
    until(page, lambda: "The ticket is written." in text(page, "#beside"))
    until(page, lambda: EVIL in text(page, "[data-part=papers]"))
    assert page.current_url.endswith(f"/desk?contact={school.contact}")
    assert page.find_element(By.ID, "note").get_attribute("value") == "客户说漆掉了"
    picture(page, "beside-ticket")
    page.find_element(By.CSS_SELECTOR, f'[data-part=papers] a[href="/tickets/{school.ticket}"]').send_keys(Keys.ENTER)
    until(page, lambda: "炒锅掉漆" in text(page, "#beside h1"))
    type_in(page, Keys.ESCAPE)
    type_in(page, Keys.ALT, "m")
    until(page, lambda: page.find_element(By.CSS_SELECTOR, '#beside [name="f.name"]'))
    assert [one for one in errors(page) if "Security Policy" in one] == []


@pytest.mark.parametrize(("language", "scheme"), [("zh-CN", "light"), ("en", "dark")])
def test_no_page_is_wider_than_the_screen(page: Chrome, school: School, language: str, scheme: str) -> None:
    signed_in(page, school, "teacher")
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    paths = {
        "customers": "/customers", "customer": f"/customers/{school.customer}", "new-customer": "/customers/new",
        "import": "/customers/import", "doubles": f"/customers/{school.customer}/merge", "tickets": "/tickets?pile=all",
        "merge": f"/customers/{school.customer}/merge/{school.other}", "order": f"/orders/{school.order}",
        "new-ticket": "/tickets/new", "ticket": f"/tickets/{school.ticket}", "orders": "/orders?pile=all",
        "new-order": "/orders/new", "catalogue": "/catalogue", "product": "/catalogue/article?sku=POT-1",
    }  # fmt: skip
    try:
        for name, path in paths.items():
            page.get(f"{school.site.origin}{path}{'&' if '?' in path else '?'}lang={language}")
            wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            until(page, lambda: page.execute_script("return document.readyState") == "complete")
            assert page.execute_script(wide) <= 0, name
            picture(page, f"{name}-{language}-{scheme}")
        assert errors(page) == []
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
