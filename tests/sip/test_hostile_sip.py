"""Broken and ill-meaning telephones: rubbish in every header, others' calls by guessing, storms. The floor stands."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest
import pytest_asyncio
from floor_lab import READY, FloorLab, House, until_async
from raw_sip import RawSip, sdp
from transfer_lab import FIRST, SECOND, THIRD, are, talk
from worker_lab import until

from lab_server.floor.call import Outcome
from telephony.asterisk.process import Pbx
from telephony.useragent.messages import HoldCall

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FloorLab]:
    async with FloorLab(pbx, tmp_path_factory.mktemp("hostile")) as lab:
        await lab.staff(4, (FIRST, SECOND))
        yield lab


def caller(lab: FloorLab) -> AbstractAsyncContextManager[RawSip]:
    pbx = lab.pbx.settings
    return RawSip.open(pbx.lab_peer, (pbx.lab_address, pbx.lab_port))


def phone(lab: FloorLab, seat: str, password: str | None = None) -> AbstractAsyncContextManager[RawSip]:
    pbx = lab.pbx.settings
    known = {each.number: each.password for each in pbx.seats}
    there = (pbx.sip_address, pbx.sip_port)
    return RawSip.open("127.0.0.1", there, seat, known.get(seat, "") if password is None else password)


async def stands(lab: FloorLab, house: House) -> None:
    """A call goes through as ever, and leaves nothing."""
    house.ready(FIRST)
    contact = await talk(lab, house)
    await lab.hangs_up(contact)
    assert await house.ends(contact) == (Outcome.SERVED, "customer")
    house.distribution.finish_wrap_up(FIRST)


async def empty(house: House) -> None:
    await until(lambda: not house.floor.calls(), 15.0, "nobody is on the line")
    await until_async(house.channels, "channels")
    await until_async(house.bridges, "bridges")
    assert not [one for one in house.book.entries if one.kind == "contact.broke"]


FROM = {
    "nobody": b"<sip:%s>",
    "no name at all": b"sip:127.0.0.2",
    "anonymous": b'"Anonymous" <sip:anonymous@anonymous.invalid>',
    "a long name": b'"' + b"A" * 4000 + b'" <sip:1630@127.0.0.2>',
    "a long number": b"<sip:" + b"9" * 3000 + b"@127.0.0.2>",
    "markup": b'"<script>alert(1)</script>" <sip:%3Cimg%20src%3Dx%3E@127.0.0.2>',
    "line breaks": b'"a%0d%0aX-Evil: 1" <sip:1630%0d%0aAction%3a%20Originate@127.0.0.2>',
    "a NUL": b'"a\\\x00b" <sip:16%0030@127.0.0.2>',
    "no UTF-8": b'"\xff\xfe\xc3\x28\xed\xa0\x80" <sip:%ff%fe%c3%28@127.0.0.2>',
    "quotes": b'"\\"\\\\\\", ${SHELL(touch /tmp/h)}" <sip:${GLOBAL(x)}@127.0.0.2>',
    "dialplan": b'"x" <sip:$%7BSHELL(id)%7D%26PJSIP%2f1002,1@127.0.0.2>',
    "a colleague": b'"1002" <sip:1002@127.0.0.2>',
    "tel": b"<tel:+8616312345678;phone-context=x>",
}
HEADERS = {
    "contact with quotes": b'X-Ringside-Contact: a" = "a\r\n',
    "contact with code": b"X-Ringside-Contact: ${SHELL(id)}${SHELL(i)}x\r\n",
    "contact upwards": b"X-Ringside-Contact: ../../../../../../../../../\r\n",
    "contact long": b"X-Ringside-Contact: " + b"0" * 5000 + b"\r\n",
    "two contacts": b"X-Ringside-Contact: " + b"0" * 26 + b"\r\nX-Ringside-Contact: " + b"1" * 26 + b"\r\n",
    "agent": b"User-Agent: <script>\xff\xfe\"';--\r\nServer: %s%n%n\r\nSubject: ${SHELL(id)}\r\n",
    "asserted": b'P-Asserted-Identity: "boss" <sip:1001@x>\r\nRemote-Party-ID: <sip:1001@x>\r\nPrivacy: id\r\n',
    "diverted": b"Diversion: <sip:" + b"1" * 2000 + b'@x>;reason="\r\n',
    "replaces": b"Replaces: x;to-tag=y;from-tag=z\r\n",
    "no way back": b"Contact: <sip:x@256.256.256.256:99999>\r\n",
    "joined": b"Join: x;to-tag=y;from-tag=z\r\nRefer-To: <sip:1002@x>\r\n",
    "requires": b"Require: everything\r\n",
    "history": b"History-Info: " + b",".join(b"<sip:%d@x>;index=1" % one for one in range(150)) + b"\r\n",
}


@pytest.mark.parametrize("line", FROM.values(), ids=FROM)
async def test_whoever_says_that_he_rings(lab: FloorLab, line: bytes) -> None:
    await rings(lab, from_=line.replace(b"%s", b"127.0.0.2") if line.endswith(b"%s>") else line)


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
async def test_whatever_stands_in_a_header(lab: FloorLab, headers: bytes) -> None:
    await rings(lab, headers=headers)


DIALLED = ["*8", "*8*1001", "*85*701", "701", "1001", "*78", "*97", "*43", "s", "h", "i", "t", "door", "95000,1",
           "95000%2c1", "%2a8", "95000;x=y", "9" * 300, "95000%24%7BSHELL(id)%7D", "+", "#", "95000%0d%0a", "1&2", "0",
           "%00", "95000/n", "Local%2fs%40door"]  # fmt: skip


@pytest.mark.parametrize("number", DIALLED)
async def test_whatever_a_caller_dials(lab: FloorLab, number: str) -> None:
    """None of the house's codes is for callers: they are in a menu, or turned away."""
    await rings(lab, number)


async def rings(lab: FloorLab, number: str = "95000", *, from_: bytes = b"", headers: bytes = b"") -> None:
    async with lab.open(FIRST) as house, caller(lab) as raw:
        dialog = raw.dialog(number, from_=from_)
        number_ = raw.request(dialog, "INVITE", headers, sdp())
        code = await raw.final(dialog, number_)
        if code:
            raw.acknowledge(dialog, number_, code)
        if code == 200:
            for call in house.floor.calls():
                assert call.customer_number.isprintable()
                assert len(call.customer_number) <= 40
                assert call.seat is None or call.seat == FIRST
            raw.request(dialog, "INFO", b"", b"Signal=2\r\nDuration=100\r\n", b"application/dtmf-relay")
            raw.request(dialog, "BYE")
        assert house.distribution.agent(FIRST).state is READY or house.floor.calls()
        assert not house.distribution.knows(SECOND)
        await empty(house)


STRANGERS = [
    ("INVITE", "1002", b""), ("INVITE", "*97", b""), ("INVITE", "*8", b""), ("INVITE", "701", b""),
    ("INVITE", "95000", b""), ("REGISTER", "1001", b"Expires: 60\r\n"), ("MESSAGE", "1001", b""),
    ("SUBSCRIBE", "1001", b"Event: dialog\r\nExpires: 60\r\n"), ("NOTIFY", "1001", b"Event: message-summary\r\n"),
    ("PUBLISH", "1001", b"Event: presence\r\nExpires: 60\r\n"),
    ("REFER", "1001", b"Refer-To: <sip:1002@127.0.0.1>\r\n"),
    ("BYE", "1001", b""), ("INFO", "1001", b""), ("UPDATE", "1001", b""), ("CANCEL", "1001", b""),
]  # fmt: skip


@pytest.mark.parametrize("user", ["", "1001", "1001-web", "lab", "admin", "1001'--"])
async def test_who_is_not_registered_gets_nowhere(lab: FloorLab, user: str) -> None:
    """No call, no lamp, no code, whichever seat he says he is; without a password, or with a wrong one."""
    async with lab.open(FIRST) as house:
        for password in ("", "wrong"):
            async with phone(lab, user, password) as raw:
                for method, to, headers in STRANGERS:
                    dialog = raw.dialog(to)
                    code = await raw.asks(dialog, method, headers, sdp() if method == "INVITE" else b"")
                    assert not 200 <= code < 300, (method, to)
        assert not house.floor.calls()
        assert not house.book.entries
        assert not await house.channels()


async def test_a_call_is_not_stolen_by_who_guesses_it(lab: FloorLab) -> None:
    """A phone that knows everything of another's call (Call-ID and tags) cannot replace it, nor transfer it."""
    async with lab.open(FIRST) as house, caller(lab) as customer, phone(lab, THIRD) as thief:
        dialog = customer.dialog("95000")
        assert await customer.asks(dialog, "INVITE", b"", sdp()) == 200
        await until(lambda: house.floor.calls())
        (call,) = house.floor.calls()
        ours, theirs = dialog.tags
        for from_tag, to_tag in ((ours, theirs), (theirs, ours)):
            replaces = f"{dialog.call_id};to-tag={to_tag};from-tag={from_tag}"
            stolen = thief.dialog("95000")
            refused = await thief.asks(stolen, "INVITE", f"Replaces: {replaces}\r\n".encode(), sdp())
            assert refused >= 400
            own = thief.dialog("*43")
            assert await thief.asks(own, "INVITE", b"", sdp()) == 200
            escaped = replaces.replace(";", "%3B").replace("=", "%3D").replace("@", "%40")
            refer = f"Refer-To: <sip:95000@127.0.0.1?Replaces={escaped}>\r\nReferred-By: <sip:1001@127.0.0.1>\r\n"
            await thief.asks(own, "REFER", refer.encode())
            thief.request(own, "BYE")
            thief.request(stolen, "BYE")
        assert house.floor.call(call.contact) is call
        assert call.customer is not None
        assert not call.customer.gone
        assert len(await house.channels(call.contact)) == len(await house.channels())
        customer.request(dialog, "BYE")
        await empty(house)


async def test_a_phone_dials_what_it_should_not(lab: FloorLab) -> None:
    """Numbers outside, codes with rubbish in them: nothing leaves the house, nothing is set, nobody else is rung."""
    odd = [
        "110", "00852123456", "+8613800000000", "95588", "*21*110#", "*21*+8613800000000#", "*21*1003", "*21*#",
        "*85*99999999", "*8*1001*1002", "*8*" + "9" * 60, "*" * 60, "#" * 60, "1002%2c1", "1002%261001", "++1", "701",
        "Local%2fs%40door", "*78%20", "%2a8%00", "1003", "9" * 200, "+", "*97*1001", "*45*1001", "1002%7CX", "*76",
    ]  # fmt: skip
    async with lab.open(FIRST) as house, phone(lab, THIRD) as raw:
        house.ready(THIRD)
        for number in odd:
            dialog = raw.dialog(number)
            code = await raw.asks(dialog, "INVITE", b"", sdp())
            await until(lambda: all(call.seat in {THIRD, None} for call in house.floor.calls()))
            assert all(one.channelvars.get("RS_AGENT") == THIRD for one in await house.channels()), number
            if 200 <= code < 300:
                raw.request(dialog, "BYE")
            await empty(house)
        assert house.state(FIRST) is READY
        assert house.state(THIRD) is READY
        assert not house.kit.directory.seat(THIRD).follow_me
        await stands(lab, house)


async def test_a_storm_of_hold_and_keys_ends_where_it_should(lab: FloorLab) -> None:
    """Two hundred re-INVITEs, sent without waiting, and a thousand keys: the call lives on, and nothing is left."""
    async with lab.open(FIRST) as house, caller(lab) as customer:
        dialog = customer.dialog("95000")
        assert await customer.asks(dialog, "INVITE", b"", sdp()) == 200
        for _ in range(500):
            customer.request(dialog, "INFO", b"", b"Signal=9\r\nDuration=100\r\n", b"application/dtmf-relay")
            customer.request(dialog, "INFO", b"", b"Signal=<script>\r\nDuration=-1\r\n", b"application/dtmf-relay")
        for direction in ("sendonly", "inactive", "sendrecv") * 67:
            customer.request(dialog, "INVITE", b"", sdp(direction))
        (call,) = house.floor.calls()
        assert len(call.digits) <= 32
        for _ in range(20):  # what the switch had no room for is sent again, as every phone does
            if await customer.final(dialog, customer.request(dialog, "BYE"), 0.5):
                break
        await empty(house)
        await stands(lab, house)


async def test_a_hold_key_that_does_not_stop(lab: FloorLab) -> None:
    """Each press is a command that interrupts the story; the last one that comes counts."""
    async with lab.open(FIRST) as house:
        contact = await talk(lab, house)
        for on in (True, False) * 25:
            await lab.tell(HoldCall(call_id=f"{contact}/{FIRST}", on=on))
        await until(lambda: len(house.book.of(contact, "held")) > 0, what="held")
        call = house.floor.call(contact)
        assert call is not None
        for _ in range(40):  # a phone leaves a press out while its last one is on the way
            await lab.tell(HoldCall(call_id=f"{contact}/{FIRST}", on=False))
            with contextlib.suppress(AssertionError):
                await until(lambda: not call.held, 0.5)
                break
        await are(house, contact, customer="talk", agent_1="talk")
        assert not [one for one in asyncio.all_tasks() if one.get_name().startswith("hold of")]
        await lab.hangs_up(contact)
        assert await house.ends(contact) == (Outcome.SERVED, "customer")


async def test_a_hundred_registrations_leave_one_phone(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house, phone(lab, THIRD) as raw:
        dialog = raw.dialog(THIRD)
        for one in range(100):
            contact = f'Contact: "<b>{one}" <sip:{THIRD}-{one}@{raw.here};x=%0d%0a{one}>\r\nExpires: 60\r\n'
            assert await raw.asks(dialog, "REGISTER", contact.encode()) == 200
        found = await lab.pbx.console(f"pjsip show aor {THIRD}")
        assert found.count(f"{THIRD}/sip:{THIRD}-") == 1
        many = b"".join(f"Contact: <sip:{THIRD}-{one}@{raw.here}>\r\n".encode() for one in range(20))
        assert await raw.asks(dialog, "REGISTER", many + b"Expires: 60\r\n") >= 400
        assert await raw.asks(dialog, "REGISTER", b"Contact: *\r\nExpires: 0\r\n") == 200
        await stands(lab, house)
        await empty(house)


async def test_a_lamp_tells_nothing_by_which_a_call_could_be_named(lab: FloorLab) -> None:
    async with lab.open(FIRST) as house, phone(lab, THIRD) as raw:
        lamp = raw.dialog(FIRST)
        asking = b"Event: dialog\r\nAccept: application/dialog-info+xml\r\nExpires: 60\r\n"
        assert await raw.asks(lamp, "SUBSCRIBE", asking) == 200
        contact = await talk(lab, house)
        await until(lambda: any(b"confirmed" in one for one in raw.heard))
        told = [one for one in raw.heard if one.startswith(b"NOTIFY")]
        assert told
        for one in told:
            body = one.partition(b"\r\n\r\n")[2]
            assert b"call-id=" not in body
            assert b"-tag=" not in body
            assert b"16312345678" not in body
        await lab.hangs_up(contact)
        await house.ends(contact)
