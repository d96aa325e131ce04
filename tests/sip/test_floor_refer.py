"""A desk phone's own transfer: a real REFER from a real phone does what the page's button does."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import soundfile
from floor_lab import READY, TALKING, WRAP_UP, FloorLab, House
from transfer_lab import FIRST, NUMBER, SECOND, THIRD, are, noted, talk, told
from worker_lab import loud_stretches, until

from lab_server.floor.call import Call, Outcome, Stage
from lab_server.routing.agents import AgentState
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import CallEnded, HoldCall, TransferCall, TransferTold

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("refer")) as lab:
        lab.brain.on(TransferTold, lambda message, _: lab.reports.append(message))
        await lab.staff(4)
        yield lab


async def refers(lab: FloorLab, contact: str, number: str, seat: str = FIRST) -> None:
    await lab.tell(TransferCall(call_id=f"{contact}/{seat}", number=number))


async def final(lab: FloorLab, contact: str, call_id: str = "") -> int:
    """What the phone was told in the end."""
    call_id = call_id or f"{contact}/{FIRST}"
    await until(lambda: any(told.final for told in lab.all(TransferTold, call_id)), what="the last word on the REFER")
    return next(told.code for told in lab.all(TransferTold, call_id) if told.final)


async def over(lab: FloorLab, house: House, contact: str) -> None:
    await lab.hangs_up(contact)
    assert await house.ends(contact) == (Outcome.SERVED, "customer")


async def test_to_a_seat(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        house.distribution.sign_on(SECOND)
        contact = await talk(lab, house)
        await lab.brief(contact, SECOND, answer_after_s=0.4)
        await refers(lab, contact, SECOND)
        await are(house, contact, customer="hold", agent_2="")
        await are(house, contact, customer="talk", agent_2="talk")
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (WRAP_UP, TALKING))
        entry = await noted(house, contact, "call.transferred")
        assert entry == {"from": "seat:1001", "to": "seat:1002", "how": "blind"}
        assert await final(lab, contact) == 200
        assert (await lab.one(CallEnded, f"{contact}/{FIRST}")).cause == "they_hung_up"
        assert len(house.book.of(contact, "call.transferred")) == 1
        assert len(await house.channels(contact)) == len(await house.channels()) == 2, "nothing behind our back"
        await over(lab, house, contact)


@pytest.mark.parametrize("number", ["complaint", "queue-complaint"])
async def test_to_a_queue(lab: FloorLab, number: str) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        await refers(lab, contact, number)
        await house.reaches(contact, Stage.QUEUED)
        await are(house, contact, customer="queue")
        call = house.floor.call(contact)
        assert call is not None
        assert call.queue == "complaint"
        house.ready(THIRD)
        await lab.brief(contact, THIRD)
        await are(house, contact, customer="talk", agent_2="talk")
        await over(lab, house, contact)


async def test_to_the_park_code(lab: FloorLab) -> None:
    """A phone without a page parks by sending its call to *76; any phone fetches it from there."""
    async with lab.open(FIRST, SECOND) as house:
        contact = await talk(lab, house)
        await refers(lab, contact, "*76")
        call = await house.reaches(contact, Stage.PARKED)
        await are(house, contact, customer="hold")
        assert await final(lab, contact) == 200
        await until(lambda: house.state(FIRST) is WRAP_UP)
        assert call.customer is not None
        slot = call.customer.notes["slot"]
        assert (await noted(house, contact, "call.parked")) == {"slot": slot, "by": FIRST}
        await over(lab, house, contact)


async def test_to_a_number_outside(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        await lab.customer(NUMBER, contact=contact)
        await refers(lab, contact, NUMBER)
        await are(house, contact, customer="talk", party_1="talk")
        assert await final(lab, contact) == 200
        await over(lab, house, contact)


@pytest.mark.parametrize("number", ["16399999999", "9999", FIRST])
async def test_the_phone_keeps_a_call_that_cannot_be_sent_there(lab: FloorLab, number: str) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        await refers(lab, contact, number)
        assert await final(lab, contact) >= 400
        await are(house, contact, customer="talk", agent_1="talk")
        assert (await noted(house, contact, "call.refer_refused"))["to"]
        assert Stage.HELD not in told(house, contact)
        await until(lambda: house.state(FIRST) is TALKING)
        await over(lab, house, contact)


async def test_to_a_colleague_who_does_not_answer(lab: FloorLab) -> None:
    """The customer comes back to the phone that sent it away."""
    async with lab.open(FIRST, ring_timeout_s=1.0) as house:
        house.ready(SECOND)
        contact = await talk(lab, house)
        await lab.brief(contact, SECOND, behaviour="no_answer")
        await refers(lab, contact, SECOND)
        await are(house, contact, customer="hold", agent_2="")
        await lab.brief(contact, FIRST)
        await are(house, contact, customer="talk", agent_3="talk")
        await until(lambda: house.state(SECOND) is READY)
        await over(lab, house, contact)


async def asks(lab: FloorLab, house: House, number: str) -> tuple[Call, str]:
    """The phone at 1001, which serves a customer, dials `number` by its own keys: the second call, and its id there."""
    if number == NUMBER:
        await lab.customer(NUMBER)
    second = await lab.dials(FIRST, number)

    def found() -> list[Call]:
        return [call for call in house.floor.calls() if call.direction == "out" and call.dialled == number]

    await until(found, what="the second call")
    (call,) = found()
    if number != NUMBER:
        await lab.brief(call.contact, number)
    await house.reaches(call.contact, Stage.TALKING)
    await are(house, call.contact, agent_1="talk", **{"customer" if number == NUMBER else "party_1": "talk"})
    return call, second


async def hands_over(lab: FloorLab, call_id: str, replaces: str) -> None:
    await lab.tell(TransferCall(call_id=call_id, replaces=replaces))


async def handed_over(lab: FloorLab, house: House, contact: str, beside: Call, second: str) -> None:
    """The colleague serves the customer with the phone he has; the second call is over, and who asked writes down."""
    await are(house, contact, customer="talk", agent_2="talk")
    await until(lambda: (house.state(FIRST), house.state(SECOND)) == (WRAP_UP, TALKING))
    assert house.distribution.agent(FIRST).contact == house.distribution.agent(SECOND).contact == contact
    call = house.floor.call(contact)
    assert call is not None
    assert call.seat == SECOND, "whose customer it is now"
    assert house.book.pairs[contact][0] == frozenset({("customer", "agent-1")})
    await until(lambda: house.book.pairs[contact][-1] == frozenset({("customer", "agent-2")}))
    assert await house.ends(beside.contact) == (Outcome.SERVED, "agent")
    for which in (f"{contact}/{FIRST}", second):
        assert (await lab.one(CallEnded, which)).cause == "they_hung_up"
    assert len(await house.channels(contact)) == len(await house.channels()) == 2, "nothing behind our back"


@pytest.mark.parametrize("reversed_", [False, True], ids=["from the customer's call", "from the second call"])
async def test_to_whom_the_phone_asks_in_its_second_call(lab: FloorLab, reversed_: bool) -> None:
    async with lab.open(FIRST, SECOND) as house:
        contact = await talk(lab, house)
        beside, second = await asks(lab, house, SECOND)
        assert house.distribution.agent(FIRST).contact == contact, "he serves the customer all the while"
        far = house.book.legs[beside.contact]["party-1"].channel
        first = f"{contact}/{FIRST}"
        await hands_over(lab, *((second, first) if reversed_ else (first, second)))
        assert await final(lab, contact, second if reversed_ else first) == 200
        await handed_over(lab, house, contact, beside, second)
        entry = {"from": "seat:1001", "to": "seat:1002", "how": "attended"}
        assert await noted(house, contact, "call.transferred") == entry
        assert await noted(house, beside.contact, "call.transferred") == {**entry, "contact": contact}
        assert house.book.legs[contact]["agent-2"].channel == far, "the colleague's phone did not ring again"
        assert not house.book.of(contact, "agent.odd") + house.book.of(beside.contact, "agent.odd")
        recorded = house.kit.recordings
        assert recorded is not None
        (own,) = recorded.glob(f"*/{contact}/agent-2.wav")
        await until(lambda: own.stat().st_size > 8000, what="what the colleague says to the customer")
        await over(lab, house, contact)
        assert house.state(SECOND) is WRAP_UP


async def test_to_an_outside_number_that_the_phone_asks(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        beside, second = await asks(lab, house, NUMBER)
        await hands_over(lab, f"{contact}/{FIRST}", second)
        assert await final(lab, contact) == 200
        await are(house, contact, customer="talk", party_1="talk")
        assert await noted(house, contact, "call.transferred") == {
            "from": "seat:1001", "to": f"number:{NUMBER}", "how": "attended",
        }  # fmt: skip
        await until(lambda: house.book.pairs[contact][-1] == frozenset({("customer", "party-1")}))
        assert (await house.ends(beside.contact))[0] is Outcome.SERVED
        assert not house.book.of(beside.contact, "agent.odd")
        await until(lambda: house.state(FIRST) is WRAP_UP)
        assert house.distribution.agent(FIRST).contact == contact
        await over(lab, house, contact)


async def test_the_phone_keeps_both_calls_until_a_number_outside_has_answered(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        await lab.customer(NUMBER, behaviour="no_answer")
        second = await lab.dials(FIRST, NUMBER)
        await until(lambda: any(call.dialled == NUMBER for call in house.floor.calls()))
        (beside,) = [call for call in house.floor.calls() if call.dialled == NUMBER]
        await until(lambda: beside.customer is not None and beside.customer.rung)
        await hands_over(lab, f"{contact}/{FIRST}", second)
        assert await final(lab, contact) >= 400
        await are(house, contact, customer="talk", agent_1="talk")
        assert house.stage(beside.contact) is Stage.DIALLING
        assert (await noted(house, contact, "call.refer_refused"))["error"] == "not_answered"
        assert not house.book.of(contact, "call.transferred")
        await lab.hangs_up(second)
        await house.ends(beside.contact)
        assert house.state(FIRST) is TALKING
        await over(lab, house, contact)


async def rings_beside(lab: FloorLab, house: House, answer_after_s: float | None) -> tuple[Call, str]:
    """The phone at 1001, which serves a customer, dials 1002 by its own keys, where it rings."""
    second = await lab.dials(FIRST, SECOND)
    await until(lambda: any(call.direction == "out" for call in house.floor.calls()), what="the second call")
    (beside,) = [call for call in house.floor.calls() if call.direction == "out"]
    how = {"behaviour": "no_answer"} if answer_after_s is None else {"answer_after_s": answer_after_s}
    await lab.brief(beside.contact, SECOND, begin="answered", **how)
    await until(lambda: house.book.legs[beside.contact].get("party-1") is not None, what="1002 rings")
    await until(lambda: house.book.legs[beside.contact]["party-1"].rung)
    return beside, second


async def test_to_a_colleague_whose_phone_still_rings(lab: FloorLab) -> None:
    """It goes on ringing, and who answers has the customer, who hears music until then."""
    async with lab.open(FIRST, SECOND) as house:
        contact = await talk(lab, house)
        beside, second = await rings_beside(lab, house, 1.5)
        far = house.book.legs[beside.contact]["party-1"].channel
        await hands_over(lab, f"{contact}/{FIRST}", second)
        await are(house, contact, customer="hold", agent_2="")
        assert house.state(SECOND) is AgentState.RINGING
        assert house.distribution.agent(SECOND).contact == contact
        assert await final(lab, contact) == 200
        await are(house, contact, customer="talk", agent_2="talk")
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (WRAP_UP, TALKING))
        entry = {"from": "seat:1001", "to": "seat:1002", "how": "semi_attended"}
        assert await noted(house, contact, "call.transferred") == entry
        assert house.book.legs[contact]["agent-2"].channel == far, "the colleague's phone rang once"
        await house.ends(beside.contact)
        recorded = house.kit.recordings
        assert recorded is not None
        await until(lambda: [*recorded.glob(f"*/{contact}/agent-2.wav")], what="the recording of the colleague")
        assert not [*recorded.glob(f"*/{beside.contact}/party-1.wav")]
        await over(lab, house, contact)


async def test_the_colleague_whose_phone_rang_does_not_answer(lab: FloorLab) -> None:
    """The customer comes back to the phone that sent it away."""
    async with lab.open(FIRST, SECOND, dial_timeout_s=1.0) as house:
        contact = await talk(lab, house)
        _, second = await rings_beside(lab, house, None)
        await hands_over(lab, f"{contact}/{FIRST}", second)
        await are(house, contact, customer="hold", agent_2="")
        await lab.brief(contact, FIRST)
        await are(house, contact, customer="talk", agent_3="talk")
        await until(lambda: (house.state(FIRST), house.state(SECOND)) == (TALKING, READY))
        await over(lab, house, contact)


async def test_a_phone_that_rings_for_another_contact_now_outlives_the_floor(lab: FloorLab) -> None:
    first = lab.house()
    first.ready(FIRST, SECOND)
    await first.floor.start()
    contact = await talk(lab, first)
    beside, second = await rings_beside(lab, first, 2.5)
    await hands_over(lab, f"{contact}/{FIRST}", second)
    await are(first, contact, customer="hold", agent_2="")
    await first.ends(beside.contact)
    await first.floor.close()
    async with lab.open(FIRST, SECOND) as house:
        await are(house, contact, customer="talk", agent_2="talk")
        await until(lambda: house.state(SECOND) is TALKING)
        await over(lab, house, contact)


async def test_a_second_call_outlives_the_floor_and_so_does_what_came_of_it(lab: FloorLab) -> None:
    first = lab.house()
    first.ready(FIRST, SECOND)
    await first.floor.start()
    contact = await talk(lab, first)
    beside, second = await asks(lab, first, SECOND)
    await first.floor.close()
    again = lab.house()
    again.ready(FIRST, SECOND)
    await again.floor.start()
    await again.reaches(contact, Stage.TALKING)
    await again.reaches(beside.contact, Stage.TALKING)
    assert again.distribution.agent(FIRST).contact == contact, "he still serves the customer"
    await hands_over(lab, f"{contact}/{FIRST}", second)
    await handed_over(lab, again, contact, beside, second)
    await again.floor.close()
    async with lab.open(FIRST, SECOND) as third:
        call = await third.reaches(contact, Stage.TALKING)
        await are(third, contact, customer="talk", agent_2="talk")
        assert call.seat == SECOND
        assert third.distribution.agent(SECOND).contact == contact
        await over(lab, third, contact)


async def test_the_customer_hangs_up_while_a_colleague_is_asked(lab: FloorLab) -> None:
    """The two go on talking; who served has a contact to write down."""
    async with lab.open(FIRST, SECOND) as house:
        contact = await talk(lab, house)
        beside, second = await asks(lab, house, SECOND)
        await over(lab, house, contact)
        assert house.state(FIRST) is WRAP_UP
        await are(house, beside.contact, agent_1="talk", party_1="talk")
        await lab.hangs_up(second)
        await house.ends(beside.contact)
        assert (house.state(FIRST), house.state(SECOND)) == (WRAP_UP, READY)
        assert house.distribution.agent(FIRST).contact == contact


async def test_the_phones_own_hold_key_lets_the_customer_hear_music(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        call = await house.reaches(contact, Stage.TALKING)
        for _ in range(2):
            await lab.tell(HoldCall(call_id=f"{contact}/{FIRST}"))
            await are(house, contact, customer="hold", agent_1="talk")
            await until(lambda: call.held)
            assert told(house, contact)[-1] is Stage.HELD
            await lab.tell(HoldCall(call_id=f"{contact}/{FIRST}", on=False))
            await are(house, contact, customer="talk", agent_1="talk")
            await until(lambda: not call.held)
        assert (len(house.book.of(contact, "held")), len(house.book.of(contact, "resumed"))) == (2, 2)
        await over(lab, house, contact)


async def test_the_customer_hears_music_only_as_long_as_the_phone_holds(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        call = await house.reaches(contact, Stage.TALKING)
        assert call.customer is not None
        channel = await house.ari.channels.get(call.customer.channel)
        heard = lab.folder / "heard.wav"
        await lab.pbx.console(f"mixmonitor start {channel.name} {lab.folder}/both.wav,t({heard})")

        async def more(seconds: float) -> None:
            """Until the customer has heard so much more."""
            size = heard.stat().st_size + 16_000 * seconds
            await until(lambda: heard.stat().st_size >= size, what="what the customer hears")

        await until(heard.exists)
        await more(0.5)
        await lab.tell(HoldCall(call_id=f"{contact}/{FIRST}"))
        await until(lambda: call.held)
        await more(1.0)
        await lab.tell(HoldCall(call_id=f"{contact}/{FIRST}", on=False))
        await until(lambda: not call.held)
        await more(1.0)
        await over(lab, house, contact)
        music, length_s = loud_stretches(heard), soundfile.info(heard).duration
        assert music, "the customer heard nothing at all"
        assert music[0][0] > 0.3, "nothing before"
        assert sum(end - start for start, end in music) > 0.7
        assert music[-1][1] < length_s - 0.5, "nothing afterwards"


async def test_a_customer_whom_the_phone_holds_is_handed_over_all_the_same(lab: FloorLab) -> None:
    async with lab.open(FIRST, SECOND) as house:
        contact = await talk(lab, house)
        await lab.tell(HoldCall(call_id=f"{contact}/{FIRST}"))
        await are(house, contact, customer="hold", agent_1="talk")
        beside, second = await asks(lab, house, SECOND)
        await are(house, contact, customer="hold", agent_1="talk")
        await hands_over(lab, f"{contact}/{FIRST}", second)
        assert await final(lab, contact) == 200
        await handed_over(lab, house, contact, beside, second)
        await over(lab, house, contact)
