"""The ARI client on a real Asterisk: channels that live, are played to, bridged and ended."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from ari_fixtures import DEADLINE_S, both_halves, client_of, gone

from telephony.ari import AriClient, AriConflict, AriNotFound, AriRefused, AriReplaced, AriUnavailable, CallerId
from telephony.ari import events as ev
from telephony.asterisk.process import Pbx
from telephony.clock import SystemClock

pytestmark = pytest.mark.sip

HOSTILE = [
    "a,b;c|d",
    "f(x)) ((",
    "two\r\nlines\n",
    "${EXTEN} ${SHELL(touch /tmp/x)}",
    "$[1+1]",
    "\"quoted\" 'single' \\ back",
    "?a=1&b=2#%00%2F",
    "张三 🙂",
    "^{X}",
    "x" * 4000,
]


@pytest.fixture
async def ari(pbx: Pbx) -> AsyncIterator[AriClient]:
    async with client_of(pbx) as client:
        yield client
        assert client.malformed_events == 0


async def test_a_channel_lives_and_ends_with_its_reason(ari: AriClient) -> None:
    seen: list[ev.Event] = []
    end = ari.subscribe(seen.append)
    near, far = await both_halves(ari, "life", RS_CONTACT="01JLIFE", RS_LEG="agent-3")
    assert (near.var("RS_CONTACT"), near.var("RS_LEG"), near.is_up) == ("01JLIFE", "agent-3", True)
    assert far.context == "door"
    assert {"life", "life-far"} <= {channel.id for channel in await ari.channels.list()}
    assert {"life", "life-far"} <= set((await ari.applications.get()).channel_ids)
    with ari.expect(ev.ChannelDestroyed, lambda event: event.channel.id == "life") as waiter:
        assert await ari.channels.hangup("life", "busy")
        assert (await waiter.wait(DEADLINE_S)).cause == 17
    await gone(ari, "life-far")
    kinds = [type(event) for event in seen if getattr(getattr(event, "channel", None), "id", None) == "life"]
    assert kinds.index(ev.StasisStart) < kinds.index(ev.StasisEnd) < kinds.index(ev.ChannelDestroyed)
    end()


async def test_originating_again_with_the_same_id_gives_the_channel_that_is_there(ari: AriClient) -> None:
    first, _ = await both_halves(ari, "once")
    again = await ari.channels.originate("Local/999@from-lab/n", channel_id="once")
    assert (again.name, again.created_at) == (first.name, first.created_at)
    assert sum(channel.id == "once" for channel in await ari.channels.list()) == 1
    await gone(ari, "once", "once-far")


async def test_what_is_gone_is_said_to_be_gone(ari: AriClient) -> None:
    assert not await ari.channels.hangup("never-was")
    assert not await ari.bridges.destroy("never-was")
    assert not await ari.playbacks.stop("never-was")
    await ari.bridges.create("lonely")
    assert not await ari.bridges.remove("lonely", "never-was")
    with pytest.raises(AriNotFound, match="Channel not found"):
        await ari.bridges.add("lonely", "never-was")
    with pytest.raises(AriNotFound) as caught:
        await ari.channels.get("never/was")
    assert (caught.value.status, caught.value.method, caught.value.path) == (404, "GET", "/channels/never%2Fwas")
    assert await ari.bridges.destroy("lonely")


async def test_a_wrong_endpoint_is_refused_with_the_servers_words(ari: AriClient) -> None:
    with pytest.raises(AriRefused, match="400 Invalid endpoint specified"):
        await ari.channels.originate("nonsense", channel_id="nowhere")


async def test_a_phone_that_is_not_registered_is_unavailable(ari: AriClient) -> None:
    with pytest.raises(AriUnavailable, match="no phone is registered"):
        await ari.channels.originate("PJSIP/1001", channel_id="asleep")
    with pytest.raises(AriNotFound):
        await ari.channels.get("asleep")


async def test_a_channel_outside_our_application_gives_a_conflict(ari: AriClient) -> None:
    """Before its StasisStart a channel takes no commands."""
    await ari.channels.originate("PJSIP/lab/sip:1@127.0.0.2:9", channel_id="ringing")
    with pytest.raises(AriConflict, match="Channel not in Stasis"):
        await ari.channels.play("ringing", "sound:one-moment", playback_id="too-early")
    await gone(ari, "ringing")


@pytest.mark.parametrize("value", HOSTILE)
async def test_a_variable_comes_back_as_it_was_set(ari: AriClient, value: str) -> None:
    await both_halves(ari, "text", RS_CONTACT=value)
    await ari.channels.set_var("text", "RS_STAGE", value)
    assert await ari.channels.get_var("text", "RS_STAGE") == value
    shown = await ari.channels.get("text")
    assert shown.var("RS_STAGE") == value
    assert shown.var("RS_CONTACT") == value
    await gone(ari, "text", "text-far")


async def test_an_unset_variable_is_not_found(ari: AriClient) -> None:
    await both_halves(ari, "unset")
    with pytest.raises(AriNotFound):
        await ari.channels.get_var("unset", "RS_NOTHING")
    await gone(ari, "unset", "unset-far")


async def test_keys_sent_into_one_end_come_out_of_the_other_in_order(ari: AriClient) -> None:
    await both_halves(ari, "keys")
    digits: list[str] = []
    complete = asyncio.Event()

    def heard(event: ev.Event) -> None:
        if isinstance(event, ev.ChannelDtmfReceived) and event.channel.id == "keys-far":
            digits.append(event.digit)
            if len(digits) == 4:
                complete.set()

    end = ari.subscribe(heard)
    await ari.channels.dtmf("keys", "1*0#", between_ms=60, duration_ms=60)
    async with asyncio.timeout(DEADLINE_S):
        await complete.wait()
    end()
    assert digits == ["1", "*", "0", "#"]
    await gone(ari, "keys", "keys-far")


async def test_a_playback_that_ends_is_done_and_a_missing_file_is_failed(ari: AriClient, pbx: Pbx) -> None:
    await both_halves(ari, "play")
    good = Path(pbx.settings.prompts) / "en" / "one-moment"
    for playback_id, media, failed in (("p-good", f"sound:{good}", False), ("p-bad", "sound:/no/such/file", True)):
        with ari.expect(ev.PlaybackFinished, lambda event, one=playback_id: event.playback.id == one) as waiter:
            started = await ari.channels.play("play", media, playback_id=playback_id)
            assert started.id == playback_id
            assert (await waiter.wait(DEADLINE_S)).playback.failed is failed
    await gone(ari, "play", "play-far")


async def test_a_bridge_is_made_once_and_joins_its_channels(ari: AriClient) -> None:
    await both_halves(ari, "bridged")
    made = await ari.bridges.create("talk", name="a talk")
    assert (await ari.bridges.create("talk")).created_at == made.created_at
    with ari.expect(ev.ChannelEnteredBridge, lambda event: event.bridge.id == "talk") as waiter:
        await ari.bridges.add("talk", "bridged")
        await waiter.wait(DEADLINE_S)
    assert (await ari.bridges.get("talk")).channels == ("bridged",)
    assert await ari.bridges.remove("talk", "bridged")
    assert not await ari.bridges.remove("talk", "bridged")
    assert await ari.bridges.destroy("talk")
    await gone(ari, "bridged", "bridged-far")


async def test_a_snoop_listens_under_its_own_id(ari: AriClient) -> None:
    await both_halves(ari, "heard")
    with ari.expect(ev.StasisStart, lambda event: event.channel.id == "ear") as waiter:
        await ari.channels.snoop("heard", snoop_id="ear", spy="both", app_args=["listen"])
        assert (await waiter.wait(DEADLINE_S)).args == ("listen",)
    with ari.expect(ev.StasisEnd, lambda event: event.channel.id == "ear") as waiter:
        await ari.channels.hangup("ear")
        await waiter.wait(DEADLINE_S)
    await gone(ari, "heard", "heard-far")


async def test_a_caller_id_arrives_as_it_was_given(ari: AriClient) -> None:
    caller = CallerId('王 "小" 芳, 女', "16312345678")
    with ari.expect(ev.StasisStart, lambda event: event.channel.id == "named-far") as waiter:
        await ari.channels.originate(
            "Local/12345@from-lab/n", channel_id="named", other_channel_id="named-far", caller_id=caller
        )
        assert (await waiter.wait(DEADLINE_S)).channel.caller == caller
    await gone(ari, "named", "named-far")


async def test_the_phones_are_listed_with_their_state(ari: AriClient) -> None:
    assert {"1001", "1012", "lab"} <= {endpoint.resource for endpoint in await ari.endpoints.list()}
    assert not (await ari.endpoints.get("1001")).online
    with pytest.raises(AriNotFound):
        await ari.endpoints.get("no-such-phone")


async def test_a_handlers_fault_stops_neither_the_stream_nor_the_next_handler(
    ari: AriClient, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(event: ev.Event) -> None:
        raise ZeroDivisionError("my own fault")

    order: list[str] = []
    ends = [ari.subscribe(faulty), ari.subscribe(lambda event: order.append(type(event).__name__))]
    await both_halves(ari, "sturdy")
    await gone(ari, "sturdy", "sturdy-far")
    for end in ends:
        end()
    assert "StasisStart" in order and "ChannelDestroyed" in order
    assert "ARI handler failed on StasisStart" in caplog.text and "my own fault" in caplog.text


async def test_events_we_do_not_use_are_counted(ari: AriClient) -> None:
    await both_halves(ari, "counted")
    await gone(ari, "counted", "counted-far")
    assert ari.unknown_events["ChannelDialplan"] > 0


async def test_another_program_that_takes_the_application_stops_this_one(pbx: Pbx) -> None:
    first = client_of(pbx, "contested")
    lost = asyncio.Event()
    replaced: list[ev.Event] = []
    first.subscribe(replaced.append)
    first.on_lost(lost.set)
    await first.connect()
    async with client_of(pbx, "contested") as second:
        async with asyncio.timeout(DEADLINE_S):
            await lost.wait()
        assert first.replaced and isinstance(replaced[-1], ev.ApplicationReplaced)
        with pytest.raises(AriReplaced, match="contested"):
            await first.channels.list()
        await second.server.ping()
        assert second.connected and not second.replaced
    await first.close()


async def test_watching_phones_brings_no_channel_event_twice(pbx: Pbx) -> None:
    """Subscribing our own application to endpoints would: each event of our channels comes once for either reason."""
    settings = pbx.settings
    watcher = AriClient(
        settings.ari_url, settings.ari_user, settings.ari_password, "ringside", SystemClock(),
        watch_app="ringside-phones",
    )  # fmt: skip
    apps: list[str] = []
    async with watcher as ari:
        await ari.watch_phones()
        assert (await ari.applications.get("ringside-phones")).endpoint_ids == ("PJSIP",)
        ari.subscribe(lambda event: apps.append(event.app))
        with ari.expect(ev.ChannelDestroyed, lambda event: event.channel.id == "phoned") as waiter:
            await ari.channels.originate("PJSIP/lab/sip:1@127.0.0.2:9", channel_id="phoned", timeout_s=1)
            await ari.channels.hangup("phoned")
            await waiter.wait(DEADLINE_S)
        assert set(apps) == {"ringside"}


async def test_a_wrong_password_is_said_at_once(pbx: Pbx) -> None:
    settings = pbx.settings
    client = AriClient(settings.ari_url, settings.ari_user, "wrong", "ringside", SystemClock())
    with pytest.raises(AriRefused, match="user or password is wrong") as caught:
        await client.connect(timeout_s=3.0)
    assert caught.value.status == 401
