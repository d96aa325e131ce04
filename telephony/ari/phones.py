"""One question without a connection of one's own: is there a phone at a seat?"""

from telephony.ari.endpoints import Endpoints
from telephony.ari.errors import AriNotFound
from telephony.ari.rest import Rest
from telephony.asterisk.settings import PbxSettings, web_user

ASK_S = 2.0


async def has_phone(pbx: PbxSettings, seat: str) -> bool:
    """Whether the seat's page or SIP phone is registered. Raises `AriError` if the switch does not say."""
    rest = Rest(pbx.ari_url, pbx.ari_user, pbx.ari_password, timeout_s=ASK_S)
    try:
        endpoints = Endpoints(rest)
        for name in (web_user(seat), seat):
            try:
                if (await endpoints.get(name)).state == "online":
                    return True
            except AriNotFound:
                continue
        return False
    finally:
        await rest.close()
