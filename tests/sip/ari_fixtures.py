"""An ARI client on a private PBX, and the life of a Local channel: what the ARI tests have in common."""

from telephony.ari import AriClient, Channel
from telephony.ari import events as ev
from telephony.asterisk.process import Pbx
from telephony.clock import SystemClock

DEADLINE_S = 5.0


def client_of(pbx: Pbx, app: str = "ringside", **options: float) -> AriClient:
    settings = pbx.settings
    return AriClient(settings.ari_url, settings.ari_user, settings.ari_password, app, SystemClock(), **options)


async def both_halves(ari: AriClient, channel_id: str, **variables: str) -> tuple[Channel, Channel]:
    """A Local channel with both ends in our application: what goes into one comes out of the other."""
    far_id = f"{channel_id}-far"
    with (
        ari.expect(ev.StasisStart, lambda event: event.channel.id == channel_id) as near,
        ari.expect(ev.StasisStart, lambda event: event.channel.id == far_id) as far,
    ):
        await ari.channels.originate(
            "Local/12345@from-lab/n", channel_id=channel_id, other_channel_id=far_id, variables=variables or None
        )
        far_end = (await far.wait(DEADLINE_S)).channel
        await ari.channels.answer(far_id)
        return (await near.wait(DEADLINE_S)).channel, far_end


async def gone(ari: AriClient, *channel_ids: str) -> None:
    """End these channels and wait until they are destroyed."""
    waiters = [ari.expect(ev.ChannelDestroyed, lambda event, one=one: event.channel.id == one) for one in channel_ids]
    for waiter, channel_id in zip(waiters, channel_ids, strict=True):
        with waiter:
            if await ari.channels.hangup(channel_id):
                await waiter.wait(DEADLINE_S)
