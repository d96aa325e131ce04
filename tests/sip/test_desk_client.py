"""The program docs/desk_client.py takes a real call: it hears who rings, holds, hangs up and writes the call up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from api_lab import Site, opened
from floor_lab import READY, keys
from sqlmodel import Session, select
from test_floor_api_program import says, started
from worker_lab import until

from lab_server.desk.crm import records
from lab_server.desk.desk import Desk
from lab_server.desk.templates import library
from lab_server.desk.templates.model import Template
from lab_server.floor.book import StoreBook
from lab_server.store.tables import Contact, DeskEntry, User
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
PROGRAM = Path(__file__).parents[2] / "docs" / "desk_client.py"
FORM = {
    "key": "note", "form": "ticket", "title": {"en": "A note"},
    "fields": [
        {"key": "wish", "kind": "long_text", "title": {"en": "What the caller wants"}},
        {"key": "when", "kind": "text", "title": {"en": "When"}, "required": True},
    ],
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened(pbx, tmp_path_factory.mktemp("desk-client")) as site:
        yield site


def prepared(session: Session, site: Site) -> None:
    """A form to choose, and a customer whose number rings."""
    admin = session.exec(select(User).where(User.login == "admin")).one()
    desk = Desk(session, site.lab.clock, admin)
    library.save_draft(desk, Template.model_validate(FORM))
    library.publish(desk, "note")
    records.create(desk, "training", {"number": "16312345678", "name": "王丽"})


async def test_it_is_short() -> None:
    assert len(PROGRAM.read_text(encoding="utf-8").splitlines()) <= 60


async def test_it_takes_a_call_from_the_first_ring_to_the_form(site: Site) -> None:
    await site.writer.run(lambda session: prepared(session, site))
    book = StoreBook(
        site.writer, site.journal, site.lab.clock, site_id=site.site_id,
        recordings=site.lab.pbx.settings.recordings, session_of=lambda _: None,
    )  # fmt: skip
    async with site.open("1001", book=book) as (house, _):
        program = await started(site, str(PROGRAM), token=site.token["wang"], desk=True)
        try:
            await says(program, "wang is ready at seat 1001")
            contact = await site.lab.rings(keys("2"))
            await site.lab.brief(contact, "1001")
            await says(program, "16312345678 rings: 王丽")
            await says(program, "saved {'wish': 'Call again tomorrow.'} ['when']")
            await until(lambda: house.state("1001") is READY, 10.0, "he has finished")
            await site.lab.hangs_up(contact)

            def written(session: Session) -> tuple[dict[str, str], bool]:
                entry = session.exec(select(DeskEntry).where(DeskEntry.contact_id == contact)).one()
                return dict(entry.values), session.get_one(Contact, contact).hold_s > 0

            assert await site.reader.run(written) == ({"wish": "Call again tomorrow."}, True)
        finally:
            program.terminate()
            await program.communicate()


async def test_it_says_why_it_may_not(site: Site) -> None:
    program = await started(site, str(PROGRAM), token="rs_nonsense", desk=True)
    _, said = await asyncio.wait_for(program.communicate(), 15)
    assert "/me: http.401: Sign in" in said.decode()
