"""Orders, scripts and SIP texts: what is refused, and which INVITE is which expected call."""

import wave
from pathlib import Path

import pytest
from pydantic import ValidationError

from telephony.useragent.call import contact_of, number_of, wav_length_s
from telephony.useragent.conversation import HangUp, Press, Say
from telephony.useragent.errors import LineFileError, PlanError
from telephony.useragent.expected import Expected
from telephony.useragent.messages import Brief, ExpectCall, PlaceCall
from telephony.useragent.script import ScriptedConversation

INVITE = (
    "INVITE sip:16312345678@127.0.0.2:5062 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1\r\n"
    "x-ringside-contact:  01ARZ3NDEKTSV4RRFFQ69G5FAV\r\nCSeq: 1 INVITE\r\n\r\n"
)


def test_an_invite_says_whom_it_calls_and_for_which_contact() -> None:
    assert (number_of(INVITE), contact_of(INVITE)) == ("16312345678", "01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert (number_of("INVITE sip:127.0.0.2 SIP/2.0"), contact_of("INVITE sip:1@2 SIP/2.0\r\n\r\n")) == ("", "")
    assert contact_of("X-Ringside-Contact: a b\r\n") == "", "no contact id has a space"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"target": "sip:1@h>\r\nEvil: 1"}, "target"),
        ({"from_name": "a\r\nEvil: 1"}, "from_name"),
        ({"from_number": 'x" <sip:evil'}, "from_number"),
        ({"headers": {"X-A": "1\r\nEvil: 1"}}, "headers"),
        ({"headers": {"X A:": "1"}}, "headers"),
        ({"contact": "../../etc"}, "contact"),
        ({"max_s": 0}, "max_s"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_an_order_that_could_break_out_of_a_sip_message_is_refused(change: dict[str, object], field: str) -> None:
    good = {"call_id": "c", "target": "sip:95001@127.0.0.1:5061", "from_number": "16312345678", "conversation": {}}
    PlaceCall.model_validate(good)
    with pytest.raises(ValidationError, match=field):
        PlaceCall.model_validate({**good, **change})


def test_the_seats_brief_is_found_by_its_contact() -> None:
    expected = Expected()
    for contact in ("A", "B"):
        expected.add(Brief(seat="1001", contact=contact, conversation={}), 0.0)
    assert expected.take("1002", "1002", "B") is None
    found = expected.take("1001", "1001", "B")
    assert found is not None
    assert found.call_id == "B/1001"
    assert expected.take("1001", "1001", "B") is None
    assert expected.take("1001", "1001", "") is not None, "no header: the oldest that fits"


def test_a_customer_is_found_by_number_and_forgotten_in_time() -> None:
    expected = Expected()
    expected.add(ExpectCall(call_id="c", number="16312345678", conversation={}, expires_s=10), 0.0)
    assert expected.take("", "16300000000", "A") is None
    assert expected.take("1001", "16312345678", "A") is None, "a seat's phone is no customer"
    assert expected.expired(9.9) == []
    assert expected.expired(10.0) == ["c"]
    assert expected.take("", "16312345678", "A") is None


def test_a_script_goes_on_with_every_turn() -> None:
    plan = {
        "part": "script",
        "begin": "talking",
        "patience_s": 5,
        "steps": [
            {"say": {"line": "a", "wav": "a.wav"}},
            {"press": {"digits": "1"}},
            {"listen": True},
            {"say": {"line": "b", "wav": "b.wav"}},
            {"hang_up": {"reason": "done"}},
        ],
    }
    talk = ScriptedConversation.from_plan(plan)
    assert list(talk.on_answered()) == []
    assert list(talk.on_stage("queued", 1.0)) == []
    assert list(talk.on_stage("talking", 2.0)) == [Say(line="a", wav="a.wav"), Press(digits="1")]
    assert list(talk.on_tick(6.9)) == []
    assert list(talk.on_heard(6.9)) == []
    assert list(talk.on_tick(17.0)) == [], "the other side is speaking"
    assert list(talk.on_turn([], 17.0)) == [Say(line="b", wav="b.wav"), HangUp(reason="done")]
    assert list(talk.on_turn([], 19.0)) == []
    assert list(talk.on_tick(23.9)) == []
    assert list(talk.on_tick(24.1)) == [HangUp(reason="patience")]
    assert list(talk.on_tick(40.0)) == []


def test_a_wrong_script_names_the_field() -> None:
    with pytest.raises(PlanError, match=r"steps\.0\.say\.wav"):
        ScriptedConversation.from_plan({"part": "script", "steps": [{"say": {"line": "a"}}]})


def write(path: Path, rate_hz: int = 8000, channels: int = 1, frames: int = 4000) -> str:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(bytes(2 * channels * frames))
    return str(path)


def test_a_lines_file_is_checked_before_it_is_played(tmp_path: Path) -> None:
    assert wav_length_s(write(tmp_path / "good.wav")) == 0.5
    for name, wrong in {"rate": {"rate_hz": 16000}, "stereo": {"channels": 2}, "empty": {"frames": 0}}.items():
        with pytest.raises(LineFileError, match="8 kHz mono"):
            wav_length_s(write(tmp_path / f"{name}.wav", **wrong))
    with pytest.raises(LineFileError, match="No such file"):
        wav_length_s(str(tmp_path / "missing.wav"))
    tmp_path.joinpath("noise.wav").write_bytes(b"RIFFxxxx")
    with pytest.raises(LineFileError, match="noise"):
        wav_length_s(str(tmp_path / "noise.wav"))
