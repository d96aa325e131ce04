"""A page speaks as its own seat and is reached nowhere else; everything else is refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.websip.errors import SipRefused
from telephony.websip.message import LONGEST, checked

USER = "1001-web"
CONTACT = f"<sip:{USER}@a1b2c3.invalid;transport=ws>"


def message(first: str, *more: str, body: str = "", **changes: str) -> str:
    headers = {
        "Via": "SIP/2.0/WS a1b2c3.invalid;branch=z9hG4bK1",
        "From": f"<sip:{USER}@lab.local>;tag=x1",
        "To": f"<sip:{USER}@lab.local>",
        "Call-ID": "c1",
        "CSeq": "1 X",
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [first, *(f"{name}: {value}" for name, value in headers.items() if value), *more]
    return "\r\n".join(lines) + f"\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"


REGISTER = "REGISTER sip:lab.local SIP/2.0"
INVITE = "INVITE sip:*43@lab.local SIP/2.0"
REGISTERED = f'{CONTACT};+sip.ice;reg-id=1;+sip.instance="<urn:uuid:5f0a>";expires=120'


def test_what_our_page_sends_goes_through() -> None:
    assert checked(message(REGISTER, Contact=REGISTERED), USER).method == "REGISTER"
    login = f'Digest algorithm=MD5, username="{USER}", realm="asterisk", response="00"'
    assert checked(message(REGISTER, Contact=REGISTERED, Authorization=login), USER).call_id == "c1"
    assert checked(message(INVITE, To="<sip:*43@lab.local>", Contact=CONTACT, body="v=0\r\n"), USER)
    answered = message("SIP/2.0 200 OK", From='"O\'Brien <x>" <sip:16312345678@127.0.0.1>;tag=9', Contact=CONTACT)
    assert checked(answered, USER).method == ""
    assert checked(message("BYE sip:x@127.0.0.1:5060 SIP/2.0", To="<sip:x@127.0.0.1>;tag=2"), USER).method == "BYE"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (message(REGISTER, To="<sip:1002-web@lab.local>", Contact=REGISTERED), "to is not"),
        (message(REGISTER, From="<sip:1002-web@lab.local>;tag=1", Contact=REGISTERED), "from is not"),
        (message(INVITE, From="<sip:1001@lab.local>;tag=1"), "from is not"),
        (message(INVITE, From=f'"<sip:{USER}@x>" <sip:1002-web@lab.local>;tag=1'), "from is not"),
        (message(INVITE, From=f"<sip:1002-web@lab.local>;x=<sip:{USER}@lab.local>"), "from is not"),
        (message(INVITE, f"f: <sip:{USER}@lab.local>", From="<sip:1002-web@a>"), "not exactly one from"),
        (message(INVITE, From=f"<sip:{USER.replace('-', '%2d')}@lab.local>"), "from is not"),
        (message("SIP/2.0 200 OK", To="<sip:1002-web@lab.local>"), "to is not"),
        (message(REGISTER, Contact="<sip:1001-web@10.0.0.9:5060>"), "contact is not this page"),
        (message(REGISTER, Contact=f"{CONTACT}, <sip:1001-web@10.0.0.9:5060>"), "contact is not this page"),
        (message("SIP/2.0 200 OK", Contact="<sip:1001-web@10.0.0.9:5060>"), "contact is not this page"),
        (message(REGISTER, Authorization='Digest username="1002-web", realm="asterisk"'), "another user"),
        (message(REGISTER, Authorization='Digest username="1001-web", username="1002-web"'), "another user"),
        (message(INVITE, Record_Route="<sip:10.0.0.9;lr>"), "record-route"),
        (message(INVITE, "Replaces: abc;to-tag=1;from-tag=2"), "replaces"),
        (message("REFER sip:x@lab SIP/2.0", "Refer-To: <sip:2@x>"), "refer-to"),
        (message("SUBSCRIBE sip:x@lab SIP/2.0"), "method SUBSCRIBE"),
        (message("MESSAGE sip:x@lab SIP/2.0"), "method MESSAGE"),
        (message(INVITE, " folded: 1"), "no header"),
        (message(INVITE).replace("Call-ID: c1", "Call-ID: c1\nX: y"), "no header"),
        (message(INVITE).replace("Content-Length: 0", "Content-Length: 900"), "content-length"),
        (message(INVITE) + message(REGISTER, To="<sip:1002-web@x>"), "content-length"),
        (message(INVITE, *[f"X-{i}: 1" for i in range(80)]), "more than"),
        (message(INVITE, body="x" * LONGEST), "no whole"),
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "first line"),
        ("", "no whole"),
    ],
)
def test_whatever_is_not_this_seats_or_not_a_pages_is_refused(text: str, why: str) -> None:
    with pytest.raises(SipRefused, match=why):
        checked(text, USER)


@given(st.text(max_size=300))
def test_no_text_makes_it_stumble(text: str) -> None:
    for whole in (text, message(INVITE, From=text), message(REGISTER, text), message(REGISTER, Contact=text)):
        try:
            checked(whole, USER)
        except SipRefused:
            continue
