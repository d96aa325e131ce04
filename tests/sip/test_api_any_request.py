"""Whatever a program asks that the API's own document allows, or nearly allows: no answer says that we have failed,
and each is as the document says. On a running floor with its switch; schemathesis makes up the requests."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import pytest_asyncio
import requests
import schemathesis
from api_lab import Site, opened
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from sqlmodel import select
from test_floor_api_rows import kept

from lab_server.desk import contacts
from lab_server.desk.desk import Desk
from lab_server.desk.shop import catalogue
from lab_server.ids import new_id
from lab_server.store.tables import Leg, User
from lab_server.store.tables import Site as SiteRow
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

EXAMPLES = int(os.environ.get("RINGSIDE_TEST_EXAMPLES", "4"))
"""For each route, in each mode. A hundred of each take half an hour."""
ENDLESS = "/api/v1/floor/events"
CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance,
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened(pbx, tmp_path_factory.mktemp("api-any")) as site:
        yield site


async def records(site: Site, client: httpx.AsyncClient) -> dict[str, list[str]]:
    """What there is, by the names that ids have in addresses and bodies: else every answer were 404."""

    async def made(path: str, body: dict[str, Any]) -> str:
        answer = await client.post(f"/api/v1/{path}", json=body)
        assert answer.status_code == 200, (path, answer.text)
        return str(answer.json()["id"])

    def rows(session: Any) -> tuple[str, str]:
        admin = session.exec(select(User).where(User.login == "admin")).one()
        desk = Desk(session, site.lab.clock, admin)
        catalogue.save(desk, "POT", {"name": "锅", "price_cents": 9900, "variants": []})
        catalogue.restock(desk, "POT", 1000)
        contact, now = new_id(), site.lab.clock.utc()
        contacts.begin(
            session, session.get_one(SiteRow, site.site_id), contact_id=contact, mode="training", direction="in",
            trunk="lab", caller="16312345678", called="95500", offered_at=now,
        )  # fmt: skip
        session.add(
            Leg(
                site_id=site.site_id, contact_id=contact, name="agent-1", role="agent", user_id=admin.id,
                started_at=now, answered_at=now,
            )
        )  # fmt: skip
        return contact, str(session.exec(select(User.id).where(User.login == "wang")).one())

    contact, user = await site.writer.run(rows)
    customers = [await made("customers", {"values": {"number": f"1631234567{at}", "name": "王丽"}}) for at in range(3)]
    tickets = [await made("tickets", {"kind": "fault", "title": "x", "customer_id": customers[0]}) for _ in range(2)]
    order = {"lines": [{"sku": "POT", "quantity": 1}], "payment": "cod", "delivery": {"name": "王", "address": "路 1"}}
    article = {"key": "pots", "language": "en", "title": "Pots", "body": "Hot."}
    await client.post(f"/api/v1/tickets/{tickets[0]}/comments", json={"text": "x"})
    file = await client.post(f"/api/v1/tickets/{tickets[0]}/attachments", params={"name": "a.txt"}, content=b"text")
    return {
        "customer_id": customers, "gone": customers, "ticket_id": tickets, "contact_id": [contact],
        "contact": [contact], "order_id": [await made("orders", order)], "user_id": [user],
        "article_id": [await made("articles", article)], "attachment_id": [file.json()["id"]],
        "announcement_id": [await made("announcements", {"title": "x"})],
    }  # fmt: skip


def ask_everything(url: str, token: str, known: dict[str, list[str]], mode: GenerationMode) -> Counter[int]:
    """Ask every route; returns how often each status came."""
    came: Counter[int] = Counter()
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {token}"
        document = session.get(f"{url}/api/v1/openapi.json", timeout=10).json()
        del document["security"]  # or it makes up tokens, too, and is told 401
        schema = schemathesis.openapi.from_dict(document)
        for operation in operations(schema):
            ask(operation, url, session, known, mode, came)
    return came


def operations(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path != ENDLESS:
            yield operation


def ask(
    operation: Any, url: str, session: requests.Session, known: dict[str, list[str]], mode: GenerationMode,
    came: Counter[int],
) -> None:  # fmt: skip
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def one(case: Case, data: st.DataObject) -> None:
        if data.draw(st.booleans()):
            for names in (case.path_parameters, case.body):
                if isinstance(names, dict):
                    names |= {name: data.draw(st.sampled_from(known[name])) for name in names if name in known}
        answer = case.call(base_url=url, session=session, timeout=15)
        came[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    with suppress(Unsatisfiable):  # what takes nothing cannot be asked wrongly
        one()


async def test_no_request_makes_us_fail(site: Site) -> None:
    async with kept(site, "1001") as (_, program):
        program.client.headers["authorization"] = f"Bearer {site.token['admin']}"
        known = await records(site, program.client)
        came: Counter[int] = Counter()
        for login, mode in (
            ("wang", GenerationMode.POSITIVE), ("admin", GenerationMode.POSITIVE), ("admin", GenerationMode.NEGATIVE),
        ):  # fmt: skip
            came += await asyncio.to_thread(ask_everything, site.url, site.token[login], known, mode)
    print(dict(sorted(came.items())))
    assert sum(came.values()) > 3 * EXAMPLES * 40
    assert came[200] > 20 * EXAMPLES
    assert came[422] > 20 * EXAMPLES
