"""What a request looks like before it is sent, and what is never sent."""

from typing import Any

import pytest

from telephony.ari import operations as op
from telephony.ari.channels import Channels
from telephony.ari.client import AriClient
from telephony.ari.errors import AriConflict, AriNotFound, AriRefused, AriUnreachable, refusal
from telephony.ari.models import CallerId
from telephony.ari.operations import Operation
from telephony.ari.rest import Rest, fill
from telephony.clock import SystemClock


class Recorder:
    """Takes the place of the server; keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Operation, dict[str, str], dict[str, Any]]] = []

    async def call(self, operation: Operation, path: dict[str, str] | None = None, **params: Any) -> Any:
        self.asked.append((operation, path or {}, params))
        return {"id": "p", "media_uri": "", "target_uri": "", "state": "queued"}


def test_a_hostile_id_stays_one_piece_of_the_path() -> None:
    assert fill("/channels/{channelId}/play/{playbackId}", {"channelId": "a/../b?x=1#%", "playbackId": "中"}) == (
        "/channels/a%2F..%2Fb%3Fx%3D1%23%25/play/%E4%B8%AD"
    )


def test_an_empty_id_is_refused() -> None:
    """Else DELETE /channels/ would be another request."""
    with pytest.raises(AriRefused, match="channelId is empty"):
        fill("/channels/{channelId}", {"channelId": ""})


async def test_a_parameter_that_is_not_in_the_table_is_a_fault_of_ours() -> None:
    with pytest.raises(TypeError, match="answer has no parameter loudly"):
        await Rest("http://127.0.0.1:1/ari", "u", "p").call(op.CHANNEL_ANSWER, {"channelId": "c"}, loudly=True)


@pytest.mark.parametrize("name", ["", "A B", "A\nB", "A,B", "1=2", "X(", "SHELL(x", "变量"])
async def test_an_odd_variable_name_is_refused_before_it_is_sent(name: str) -> None:
    recorder = Recorder()
    with pytest.raises(AriRefused, match="not the name of a channel variable"):
        await Channels(recorder, "ringside").set_var("c", name, "x")
    assert recorder.asked == []


async def test_a_functions_name_is_a_variable_name() -> None:
    recorder = Recorder()
    await Channels(recorder, "ringside").set_var("c", "PJSIP_HEADER(add,X-Ringside)", "x")
    assert recorder.asked[0][2] == {"variable": "PJSIP_HEADER(add,X-Ringside)", "value": "x"}


@pytest.mark.parametrize("media", ["sound:a,sound:b", "sound:a\nb", "beep", ["sound:a", "sound:b,c"]])
async def test_media_that_would_be_read_as_another_is_refused(media: Any) -> None:
    with pytest.raises(AriRefused, match="media URI"):
        await Channels(Recorder(), "ringside").play("c", media, playback_id="p")


async def test_several_media_are_a_list() -> None:
    recorder = Recorder()
    await Channels(recorder, "ringside").play("c", ["sound:a", "digits:12"], playback_id="p")
    assert recorder.asked[0][2]["media"] == ["sound:a", "digits:12"]


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        (CallerId("王芳", "16312345678"), '"王芳" <16312345678>'),
        (CallerId('A "B" \\ <C>\r\n', "+86 139"), '"A \\"B\\" \\\\ <C>" <+86139>'),
        (CallerId("", "1>;x=<2"), '"" <1x2>'),
    ],
)
def test_a_caller_id_cannot_break_out(caller: CallerId, shown: str) -> None:
    assert str(caller) == shown


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (404, "Channel not found", AriNotFound),
        (400, "Channel not found", AriNotFound),
        (409, "Channel not in Stasis application", AriConflict),
        (412, "Channel is unavailable", AriConflict),
        (422, "Channel not in Stasis application", AriConflict),
        (400, "Endpoint must be specified", AriRefused),
        (500, "", AriRefused),
    ],
)
def test_each_status_is_its_own_error(status: int, reason: str, kind: type[AriRefused]) -> None:
    error = refusal("POST", "/channels/c/play/p", status, reason)
    assert type(error) is kind
    assert (error.status, error.method, error.path, error.reason) == (status, "POST", "/channels/c/play/p", reason)
    assert str(status) in str(error) and "/channels/c/play/p" in str(error)


async def test_without_a_connection_a_request_fails_at_once() -> None:
    client = AriClient("http://127.0.0.1:1/ari", "u", "p", "ringside", SystemClock())
    with pytest.raises(AriUnreachable, match="event stream is down"):
        await client.channels.list()
    await client.close()
