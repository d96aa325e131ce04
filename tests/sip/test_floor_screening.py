"""Who is let in, who goes first and who hears the busy tone, over real SIP; names and numbers are hostile text."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from callers_lab import DeskLab
from floor_lab import FloorLab, keys
from worker_lab import until

from lab_server.floor.call import Outcome, Stage
from lab_server.routing.plan_file import loads_plan
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallAnswered, CallEnded

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

PLAN = loads_plan("""
language: en
operator: queue:order
at_last: queue:order
lines: {main: {numbers: ["*"], to: "queue:order"}}
queues: {order: {ageing_s: 600}, complaint: }
screening:
  blacklist:
    - {numbers: ["16300000666"], reason: rings and says nothing}
  vip:
    - {numbers: ["16300000008"], reason: the board, priority: 3}
    - {numbers: ["16300000009"], reason: a partner, to: "queue:complaint"}
  recognised: {priority: 1, greeting: greeting-known}
  anonymous: {action: refuse, dialled: {"95002": accept, "95003": ask}, ask: "menu:who"}
menus:
  who:
    nodes:
      start: {kind: digits, prompt: callback-enter-number, into: phone, low: 7, high: 13, first_s: 2, inter_s: 1, tries: 1, next: go, failed: bye}
      go: {kind: go, to: "queue:complaint"}
      bye: {kind: go, to: hangup}
""")  # noqa: E501 (a plan's node)
HOSTILE = [
    ("16300000001", "<script>alert(1)</script>"),
    ("16300000001", "'; DROP TABLE contact; --"),
    ("16300000001", "%0d%0aX-Evil: yes"),
    ("+8616300000001", "王小明" * 40),
    ("A.b-c_d", "../../etc/passwd"),
    ("*#00*", '"\\", \u202e evil'),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("screening")) as lab:
        await lab.staff(callers=4, phones=("1001",))
        yield lab


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLab]:
    desk = DeskLab(tmp_path_factory.mktemp("desk"))
    yield desk
    desk.close()


async def test_who_is_on_the_plans_blacklist_hears_the_busy_tone_and_is_never_answered(lab: FloorLab) -> None:
    async with lab.open(plan=PLAN) as house:
        for _ in range(16):  # what lets them go is asked twice, one close behind the other: the first reason stands
            contact = await lab.rings(from_number="16300000666")
            assert await house.ends(contact) == (Outcome.REFUSED, "system")
            end = await lab.one(CallEnded, contact)
            assert (end.cause, end.sip_code) == ("rejected", 486)
            assert not lab.all(CallAnswered, contact)
            (screened,) = house.book.of(contact, "contact.screened")
            assert (screened.data["action"], screened.data["why"]) == ("refuse", "rings and says nothing")


async def test_the_desks_own_lists_count_from_the_moment_they_are_read(lab: FloorLab, desk: DeskLab) -> None:
    async with lab.open(plan=PLAN, directory=desk.directory) as house:
        first = await lab.rings(from_number="16300000123")
        await house.reaches(first, Stage.QUEUED)
        await desk.list("blacklist", "16300000123")
        contact = await lab.rings(from_number="16300000123")
        assert await house.ends(contact) == (Outcome.REFUSED, "system")
        assert (await lab.one(CallEnded, contact)).sip_code == 486


@pytest.mark.parametrize(
    ("number", "outcome", "queue"),
    [("95000", Outcome.REFUSED, None), ("95002", None, "order"), ("95003", None, "complaint")],
    ids=["refused", "let in on another line", "asked for a number"],
)
async def test_a_caller_without_a_number(
    lab: FloorLab, number: str, outcome: Outcome | None, queue: str | None
) -> None:
    async with lab.open(plan=PLAN) as house:
        contact = await lab.rings(keys("16312345678#", 0.4), number=number, from_number="anonymous")
        if outcome is not None:
            assert await house.ends(contact) == (outcome, "system")
            return
        call = await house.reaches(contact, Stage.QUEUED)
        assert call.queue == queue


async def test_a_vip_passes_others_is_greeted_as_one_and_keeps_its_place_with_a_new_floor(lab: FloorLab) -> None:
    first = lab.house(plan=PLAN)
    await first.floor.start()
    contacts = []
    for number in ("16300000001", "16300000002", "16300000008"):
        contacts.append(await lab.rings(from_number=number))
        await first.reaches(contacts[-1], Stage.QUEUED)
        await until(lambda: first.floor.call(contacts[-1]).begun.get("queued"))
    vip = contacts[-1]
    assert first.floor.call(vip).begun.get("greeting-vip") == 1
    assert [one.contact for one in first.distribution.waiting()] == [vip, *contacts[:2]]
    await first.floor.close()
    async with lab.open(plan=PLAN) as house:
        await until(lambda: len(house.distribution.waiting()) == 3)
        assert [one.contact for one in house.distribution.waiting()] == [vip, *contacts[:2]]
        for contact in (vip, *contacts[:2]):
            await lab.brief(contact, "1001")
        house.ready("1001")
        await house.talks(vip)


async def test_a_vip_may_have_a_way_of_its_own(lab: FloorLab) -> None:
    async with lab.open(plan=PLAN) as house:
        contact = await lab.rings(from_number="16300000009")
        assert (await house.reaches(contact, Stage.QUEUED)).queue == "complaint"


async def test_a_known_customer_is_greeted_as_one(lab: FloorLab, desk: DeskLab) -> None:
    desk.customer("16300000044")
    async with lab.open(plan=PLAN, directory=desk.directory) as house:
        contact = await lab.rings(from_number="16300000044")
        call = await house.reaches(contact, Stage.QUEUED)
        assert (call.priority, call.begun.get("greeting-known")) == (1, 1)


@pytest.mark.parametrize(("number", "name"), HOSTILE)
async def test_whatever_a_caller_calls_itself_is_text(lab: FloorLab, desk: DeskLab, number: str, name: str) -> None:
    async with lab.open(plan=PLAN, directory=desk.directory) as house:
        contact = await lab.rings(from_number=number, from_name=name)
        await until(lambda: house.book.of(contact, "contact.screened") or lab.all(CallEnded, contact))
        assert not house.book.of(contact, "contact.broke")
        for entry in house.book.of(contact, "began"):
            assert str(entry.data["number"]).isprintable()
        for screened in house.book.of(contact, "contact.screened"):
            if screened.data["refused"]:
                assert (await house.ends(contact))[0] is Outcome.REFUSED
            else:
                assert (await house.reaches(contact, Stage.QUEUED)).queue == "order"
