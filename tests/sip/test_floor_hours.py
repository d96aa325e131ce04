"""Which line was dialled and what time it is decide where a call begins, on real calls; the clock is an argument."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from callers_lab import ClockAt
from floor_lab import FloorLab, keys
from worker_lab import until

from lab_server.floor.call import Outcome, Stage
from lab_server.routing.plan_file import loads_plan
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

PLAN = loads_plan("""
time_zone: Asia/Shanghai
language: en
operator: queue:order
at_last: queue:order
lines:
  main: {numbers: ["95000"], hours: office}
  direct: {numbers: ["95001"], to: "queue:complaint", language: zh-CN}
  rest: {numbers: ["*"], to: hangup}
hours:
  office:
    holidays: china
    periods:
      - {name: day, days: [workday], from: "09:00", to: "12:00", then: "menu:main"}
      - {name: lunch, days: [workday], from: "12:00", to: "13:00", then: "queue:duty", prompt: greeting-lunch}
      - {name: holiday, days: [holiday], from: "00:00", to: "24:00", then: "menu:night", prompt: greeting-holiday}
    special:
      - {name: open day, day: 2026-11-28, periods: [{name: open, from: "08:00", to: "20:00", then: "queue:order"}]}
    otherwise: {name: night, then: "menu:night", prompt: greeting-night}
queues: {order: , complaint: , duty: }
menus:
  main:
    nodes:
      start: {kind: keys, prompt: menu, keys: {"1": order}, failed: order, first_s: 0.5, tries: 1}
      order: {kind: go, to: "queue:order"}
  night:
    nodes:
      start: {kind: branch, "on": period, cases: {night: say}, default: bye}
      say: {kind: play, prompt: one-moment, next: bye}
      bye: {kind: go, to: hangup}
""")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("hours")) as lab:
        await lab.staff(callers=4, phones=("1001",))
        yield lab


@pytest.mark.parametrize(
    ("at", "number", "period", "queue", "prompts"),
    [
        ("2026-11-23T10:00+08:00", "95000", "day", "order", {"greeting", "menu"}),
        ("2026-11-23T12:00+08:00", "95000", "lunch", "duty", {"greeting", "greeting-lunch"}),
        ("2026-11-23T04:30+00:00", "95000", "lunch", "duty", {"greeting-lunch"}),
        ("2026-11-23T13:00+08:00", "95000", "night", None, {"greeting-night", "one-moment"}),
        ("2026-11-22T10:00+08:00", "95000", "night", None, {"greeting-night", "one-moment"}),
        ("2026-11-28T10:00+08:00", "95000", "open", "order", {"greeting"}),
        ("2026-10-01T10:00+08:00", "95000", "holiday", None, {"greeting-holiday"}),
        ("2026-10-10T10:00+08:00", "95000", "day", "order", {"menu"}),
        ("2026-11-22T03:00+08:00", "95001", "", "complaint", {"greeting"}),
        ("2026-11-23T10:00+08:00", "95999", "", None, {"greeting"}),
    ],
    ids=[
        "a working morning", "lunch begins at its minute", "the site's zone counts", "lunch is over at its minute",
        "a Sunday", "a special day", "a public holiday", "a Saturday that is worked", "a line without hours",
        "a number no line has",
    ],
)  # fmt: skip
async def test_where_a_call_begins(
    lab: FloorLab, at: str, number: str, period: str, queue: str | None, prompts: set[str]
) -> None:
    async with lab.open(plan=PLAN, clock=ClockAt(at)) as house:
        contact = await lab.rings(keys("1", 0.3), number=number)
        await until(lambda: house.floor.calls())
        (call,) = house.floor.calls()
        if queue is None:
            assert await house.ends(contact) == (Outcome.INFORMED, None)
        else:
            await house.reaches(contact, Stage.QUEUED)
            assert call.queue == queue
        assert prompts <= call.begun.keys() and "one-moment" not in call.begun.keys() - prompts
        (screened,) = house.book.of(contact, "contact.screened")
        assert screened.data["period"] == period
        assert call.language == ("zh-CN" if number == "95001" else "en")
