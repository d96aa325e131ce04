"""A supervisor listens to, sends on and ends the calls of the own group, and sees no other's."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from api_lab import Site, opened
from sqlmodel import Session

from lab_server.desk.users import of_login
from lab_server.store.tables import Klass, KlassMember
from telephony.asterisk.process import Pbx
from telephony.clock import SystemClock

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened(pbx, tmp_path_factory.mktemp("group")) as site:
        yield site


async def _joins(site: Site, name: str, *logins: str) -> None:
    def work(session: Session) -> None:
        klass = Klass(site_id=site.site_id, name=name)
        session.add(klass)
        session.flush()
        for login in logins:
            user = of_login(session, site.site_id, login)
            assert user is not None
            at = SystemClock().utc()
            session.add(KlassMember(site_id=site.site_id, klass_id=klass.id, user_id=user.id, joined_at=at))

    await site.writer.run(work)


async def test_a_supervisor_reaches_the_own_group_alone(site: Site) -> None:
    await _joins(site, "another", "wang")
    async with site.open("1001") as (house, program):
        contact = await site.talk(house)
        for command in ({"do": "take_down"}, {"do": "redirect", "to": "queue:order"}, {"do": "hold"}):
            status, answer = await program.asks("supervisor", contact=contact, **command)
            assert (status, answer["error"]) == (403, "not_yours"), command
        assert (await program.asks("supervisor", do="set_agent", seat="1001", state="not_ready"))[0] == 403
        assert (await program.asks("supervisor", do="set_agent", seat="1002", state="signed_on"))[0] != 403
        assert (await program.asks("supervisor", do="state"))[1]["result"]["contacts"] == []
        assert len((await program.asks("instructor", do="state"))[1]["result"]["contacts"]) == 1
        assert house.floor.call(contact) is not None

        await _joins(site, "own", "wang", "supervisor")
        assert len((await program.asks("supervisor", do="state"))[1]["result"]["contacts"]) == 1
        assert (await program.asks("supervisor", do="take_down", contact=contact))[0] == 200
        await house.ends(contact)
