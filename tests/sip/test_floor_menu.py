"""Menus as data on real calls: any depth, both languages, members and their PINs, keys of every kind, a new brain."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from callers_lab import DeskLab, hear, speaking, tones, whole
from floor_lab import READY, FloorLab, House, keys
from worker_lab import hangs_up, until

from lab_server.floor.announcer import Announcer
from lab_server.floor.call import Outcome, Stage
from lab_server.floor.sending import send_to
from lab_server.routing.ivr_state import State
from lab_server.routing.plan_file import loads_plan
from lab_server.routing.target import Target
from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

PLAN = loads_plan("""
language: en
operator: queue:order
at_last: queue:complaint
lines:
  main: {numbers: ["*"], to: "menu:main"}
queues: {order: , complaint: , english: }
seats: {1001-1012: }
menus:
  main:
    nodes:
      start:
        kind: keys
        prompt: menu
        keys: {"1": orders, "2": account, "3": chinese, "4": again, "8": loop, "0": operator, "*": bye}
        failed: operator
        first_s: 1
        inter_s: 0.5
        tries: 2
      again: {kind: play, prompt: one-moment, next: start}
      loop: {kind: play, prompt: one-moment, next: loop_ask}
      loop_ask: {kind: keys, prompt: anything-else, keys: {"8": loop}, failed: operator, first_s: 1, tries: 1}
      orders: {kind: keys, prompt: account-menu, keys: {"1": number}, failed: operator, first_s: 1, tries: 2}
      number:
        {kind: digits, prompt: order-number, into: order, low: 4, high: 8, first_s: 2, inter_s: 0.6, next: topic,
         failed: bye}
      topic: {kind: keys, prompt: anything-else, keys: {"5": read_back}, failed: to_order, first_s: 1, tries: 2}
      read_back: {kind: say, figure: number, blanks: {digits: "{order}"}, next: to_order, failed: bye}
      to_order: {kind: go, to: "queue:order"}
      account:
        {kind: member, number_prompt: member-number, pin_prompt: pin, ok: balance, failed: to_complaint, tries: 2,
         first_s: 1, inter_s: 0.6}
      balance: {kind: say, figure: balance, blanks: {member: "{member}"}, next: to_order, failed: to_complaint}
      to_complaint: {kind: go, to: "queue:complaint"}
      chinese: {kind: language, to: zh-CN, next: in_chinese}
      in_chinese: {kind: keys, prompt: menu, keys: {"1": to_order}, failed: to_order, first_s: 1, tries: 1}
      operator: {kind: go, to: operator}
      bye: {kind: play, prompt: goodbye, cut: false, next: gone}
      gone: {kind: go, to: hangup}
""")
PIN = "739146"
LONG = {"menu": 4.0, "account-menu": 4.0, "order-number": 4.0, "anything-else": 4.0}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("menu")) as lab:
        await lab.staff(callers=4)
        yield lab


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLab]:
    desk = DeskLab(tmp_path_factory.mktemp("desk"))
    desk.member("16300000077", "10086", PIN, cents=12050)
    yield desk
    desk.close()


@pytest.fixture
def announcer(tmp_path: Path) -> Iterator[Announcer]:
    with speaking(tmp_path) as announcer:
        yield announcer


def keyed(house: House, contact: str) -> list[tuple[str, str]]:
    return [(entry.data["node"], entry.data["keyed"]) for entry in house.book.of(contact, "menu.keyed")]


async def test_keys_typed_ahead_lead_three_menus_deep_and_no_prompt_is_begun(lab: FloorLab) -> None:
    async with lab.open(plan=PLAN, prompts={**LONG, "greeting": 2.5, "anything-else": 0.1}) as house:
        contact = await lab.rings(keys("11472211#"))
        call = await house.reaches(contact, Stage.QUEUED)
        assert keyed(house, contact) == [
            ("start", "1"),
            ("orders", "1"),
            ("number", "472211"),
            ("topic", ""),
            ("topic", ""),
        ]
        assert not {"menu", "account-menu", "order-number"} & call.begun.keys()
        assert call.queue == "order"
        assert State.read(call.menu).blanks == {"order": "472211"}


async def test_a_new_floor_goes_on_at_the_node_where_the_caller_was(lab: FloorLab, announcer: Announcer) -> None:
    first = lab.house(plan=PLAN, prompts=LONG)
    await first.floor.start()
    contact = await lab.rings(keys("1", 0.4), keys("1", 0.6), keys("4722#", 0.8), keys("5", 4.5))
    await until(lambda: first.book.of(contact, "menu.keyed")[2:], 15.0)
    call = first.floor.call(contact)
    assert call is not None
    await until(lambda: call.begun.get("anything-else"))
    await first.floor.close()
    async with lab.open(plan=PLAN, prompts=LONG, announcer=announcer) as house:
        call = await house.reaches(contact, Stage.MENU)
        assert State.read(call.menu).node == "topic"
        await house.reaches(contact, Stage.QUEUED)
        assert keyed(house, contact)[-1] == ("topic", "5")
        assert [entry.data for entry in house.book.of(contact, "menu.said")] == [{"figure": "number", "said": True}]
        assert call.queue == "order"


async def test_a_member_hears_the_balance_and_the_pin_is_written_nowhere(
    lab: FloorLab, desk: DeskLab, announcer: Announcer, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with lab.open(plan=PLAN, directory=desk.directory, announcer=announcer) as house:
            contact = await lab.rings(keys("2", 0.3), keys("10086#", 0.3), keys(f"{PIN}#", 0.5))
            call = await house.reaches(contact, Stage.MENU)
            await until(lambda: house.book.of(contact, "member.checked"), 15.0)
            assert PIN not in call.digits
            heard = await hear(lab, house, contact, tmp_path / "heard.wav")
            await house.reaches(contact, Stage.QUEUED, 15.0)
            assert call.queue == "order"
            notes = [channel.channelvars for channel in await house.channels(contact)]
            await lab.hangs_up(contact)
            await house.ends(contact)
            spoken_s = sum(seconds for pitch, seconds in tones(await whole(heard)) if pitch not in {0, 300, 440})
            written = [str(entry.data) for entry in house.book.entries]
    assert house.book.of(contact, "menu.said")[0].data == {"figure": "balance", "said": True}
    assert spoken_s > 0.8, "the caller has heard a sentence"
    assert house.book.of(contact, "menu.keyed")[2].data == {"menu": "main", "node": "account", "keyed": "", "count": 6}
    for text in (*written, str(notes), caplog.text):
        assert PIN not in text


async def test_a_pin_keyed_too_slowly_or_too_long_is_written_nowhere_either(lab: FloorLab, desk: DeskLab) -> None:
    async with lab.open(plan=PLAN, directory=desk.directory) as house:
        contact = await lab.rings(
            keys("2", 0.3), keys("10086#", 0.3), keys("739", 0.5), keys("146", 1.2), keys("10086#", 0.9),
            keys("7391469999", 0.9),
        )  # fmt: skip
        await house.reaches(contact, Stage.QUEUED, 20.0)
        for entry in house.book.of(contact, "menu.keyed"):
            assert entry.data["node"] == "start" or entry.data["keyed"] == "", entry
        written = [str(entry.data) for entry in house.book.entries]
        assert not [text for text in written if "739" in text or "9146" in text or "9999" in text]


async def test_a_wrong_pin_is_asked_for_again_and_then_people_help(lab: FloorLab, desk: DeskLab) -> None:
    async with lab.open(plan=PLAN, directory=desk.directory) as house:
        contact = await lab.rings(
            keys("2", 0.3), keys("10086#", 0.3), keys("1111#", 0.5), keys("10086#", 0.8), keys("2222#", 0.5)
        )
        call = await house.reaches(contact, Stage.QUEUED, 15.0)
        assert [entry.data["verdict"] for entry in house.book.of(contact, "member.checked")] == ["wrong", "wrong"]
        assert call.begun["wrong-pin"] == 1
        assert call.queue == "complaint"


async def test_nobody_can_check_a_member(lab: FloorLab) -> None:
    async with lab.open(plan=PLAN) as house:
        contact = await lab.rings(keys("2", 0.3), keys("10086#", 0.3), keys("1111#", 0.5))
        assert (await house.reaches(contact, Stage.QUEUED, 15.0)).queue == "complaint"
        assert len(house.book.of(contact, "member.not_checked")) == 1


async def test_a_language_that_was_chosen_is_heard_to_the_end(lab: FloorLab, tmp_path: Path) -> None:
    """English prompts are 440 Hz, Chinese ones 700 Hz, music 300 Hz."""
    lengths = {"menu": 0.6, "queued": 0.6, "rate-us": 0.6, "thanks": 0.6, "greeting": 0.6}
    async with lab.open(plan=PLAN, prompts=lengths) as house:
        contact = await lab.rings(keys("3", 0.9), keys("1", 0.6))
        await house.reaches(contact, Stage.GREETED)
        await until(lambda: house.floor.call(contact).customer.up)
        heard = await hear(lab, house, contact, tmp_path / "heard.wav")
        await house.reaches(contact, Stage.QUEUED)
        assert house.floor.call(contact).language == "zh-CN"
        await lab.brief(contact, "1001", hangs_up())
        await until(lambda: 300 in {pitch for pitch, _ in tones(heard, grows=True)}, what="music is heard")
        house.ready("1001")
        assert await house.ends(contact) == (Outcome.SERVED, "agent")
        found = [pitch for pitch, _ in tones(await whole(heard))]
    changed = found.index(700)
    assert 440 in found[:changed], "greeted in the line's language"
    assert 440 not in found[changed:], found
    assert len(found) - found[::-1].index(700) > found.index(300), "and asked for a rating in the chosen one"


async def test_hearing_it_again_plays_it_again(lab: FloorLab) -> None:
    async with lab.open(plan=PLAN, prompts={"menu": 3.0, "one-moment": 0.2}) as house:
        contact = await lab.rings(keys("4", 0.7), keys("4", 1.0), keys("1", 1.0))
        await until(lambda: len(house.book.of(contact, "menu.keyed")) >= 3, 15.0)
        assert house.floor.call(contact).begun["menu"] == 3


@pytest.mark.parametrize(
    "presses",
    [[keys("7" * 250, 0.1)] * 4, [keys("*#" * 40, 0.1)], [keys("8" * 200, 0.2)], [keys("#" * 100), keys("D" * 30)]],
    ids=["a thousand digits", "star and hash", "the same way round and round", "rubbish"],
)
async def test_whatever_is_keyed_the_caller_comes_to_an_end(lab: FloorLab, presses: list[dict[str, object]]) -> None:
    async with lab.open("1001", plan=PLAN) as house:
        contact = await lab.rings(*presses)
        await lab.brief(contact, "1001", behaviour="no_answer")
        await until(
            lambda: house.book.of(contact, "ended") or house.stage(contact) in {Stage.QUEUED, Stage.RINGING}, 60.0
        )
        assert not house.book.of(contact, "contact.broke")
        call = house.floor.call(contact)
        assert call is None or len(call.digits) <= 32
        assert len(house.book.of(contact, "menu.keyed")) < 220
        if call is not None:
            await lab.hangs_up(contact)
            await house.ends(contact, 20.0)
        assert house.state("1001") is READY


async def test_an_agent_sends_a_caller_back_into_a_menu(lab: FloorLab) -> None:
    async with lab.open("1001", plan=PLAN) as house:
        contact = await lab.rings(keys("0", 0.4), keys("1", 4.0))
        await lab.brief(contact, "1001")
        await house.talks(contact)
        await house.floor.change(contact, lambda call, kit: send_to(call, kit, Target.parse("menu:main")))
        await house.reaches(contact, Stage.MENU)
        await house.reaches(contact, Stage.QUEUED, 15.0)
        assert not house.book.of(contact, "contact.broke")


async def test_the_next_prompt_follows_a_key_at_once(lab: FloorLab) -> None:
    """Not a benchmark: from the key (let go, by the switch's clock) to the next prompt begun."""
    ways_ms = []
    async with lab.open(plan=PLAN, prompts=LONG) as house:
        for _ in range(5):
            contact = await lab.rings(keys("1", 0.6))
            call = await house.reaches(contact, Stage.MENU)
            await until(lambda call=call: call.begun.get("account-menu"))
            assert call.last_key is not None
            ways_ms.append(round(1000 * (lab.clock.utc() - call.last_key[1]).total_seconds()))
            await lab.hangs_up(contact)
            await house.ends(contact)
    print("key to next prompt, ms:", sorted(ways_ms))
    assert max(ways_ms) < 500
