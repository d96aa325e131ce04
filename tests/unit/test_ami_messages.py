"""What is sent over AMI, and what never is."""

import pytest

from telephony.ami import actions as act
from telephony.ami.actions import decode, encode
from telephony.ami.client import AmiClient
from telephony.ami.errors import AmiBadValue, AmiUnreachable
from telephony.clock import SystemClock


def test_an_action_is_its_headers() -> None:
    sent = encode(act.PJSIP_NOTIFY, "rs-1", {"Endpoint": "1001", "Variable": ["Event=x", "Content=y"]})
    assert sent == (
        b"Action: PJSIPNotify\r\nActionID: rs-1\r\nEndpoint: 1001\r\nVariable: Event=x\r\nVariable: Content=y\r\n\r\n"
    )


@pytest.mark.parametrize("evil", ["s\r\nAction: Originate", "s\n", "s\r", "s\0", "s\x85x", "s\u2028x"])
def test_a_value_cannot_start_another_header(evil: str) -> None:
    with pytest.raises(AmiBadValue, match="Exten holds") as caught:
        encode(act.REDIRECT, "rs-1", {"Channel": "c", "Context": "x", "Exten": evil, "Priority": "1"})
    assert caught.value.error_id == "ami_bad_value"


def test_a_header_that_is_not_in_the_table_is_a_fault_of_ours() -> None:
    with pytest.raises(TypeError, match="Redirect has no header Command"):
        encode(act.REDIRECT, "rs-1", {"Command": "rm"})


def test_a_repeated_header_is_read_whole() -> None:
    assert decode(b"Response: Success\r\nOutput: a: 1\r\nOutput: b\r\nnonsense\r\n\r\n") == {
        "Response": "Success",
        "Output": "a: 1\nb",
    }


@pytest.mark.parametrize(
    "path",
    ["/r/a.wav),,touch /tmp/x", "/r/a,b.wav", "/r/$(id).wav", "/r/^{X}.wav", "relative.wav", "/r/a\nb.wav", "/r/a;b"],
)
async def test_a_recording_path_cannot_bring_a_command(path: str) -> None:
    """MixMonitor runs what stands after the second comma."""
    with pytest.raises(AmiBadValue, match="recording path"):
        await AmiClient("127.0.0.1", 1, "u", "s", SystemClock()).record_received("c", path)


@pytest.mark.parametrize("value", ["a,b=c", "x,"])
async def test_a_notify_value_cannot_become_two(value: str) -> None:
    with pytest.raises(AmiBadValue, match="comma"):
        await AmiClient("127.0.0.1", 1, "u", "s", SystemClock()).notify("1001", [("Event", value)])


async def test_without_a_connection_an_action_fails_at_once() -> None:
    with pytest.raises(AmiUnreachable, match="not connected"):
        await AmiClient("127.0.0.1", 1, "u", "s", SystemClock()).ping()
