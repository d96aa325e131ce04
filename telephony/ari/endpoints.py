"""Endpoints: phones and trunks, and whether they are registered."""

from telephony.ari import operations as op
from telephony.ari.channels import rows
from telephony.ari.models import Endpoint
from telephony.ari.rest import Caller


class Endpoints:
    def __init__(self, caller: Caller) -> None:
        self._call = caller.call

    async def list(self, tech: str = "PJSIP") -> tuple[Endpoint, ...]:
        answer = await self._call(op.ENDPOINTS_BY_TECH, {"tech": tech})
        return tuple(Endpoint.from_json(item) for item in rows(answer))

    async def get(self, resource: str, tech: str = "PJSIP") -> Endpoint:
        """One phone or trunk by its name in pjsip.conf. Raises `AriNotFound`."""
        return Endpoint.from_json(await self._call(op.ENDPOINT_GET, {"tech": tech, "resource": resource}))
