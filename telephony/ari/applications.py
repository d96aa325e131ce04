"""ARI applications: what ours holds, and what else it wants to hear of."""

from collections.abc import Iterable

from telephony.ari import operations as op
from telephony.ari.models import Application
from telephony.ari.rest import Caller


class Applications:
    def __init__(self, caller: Caller, app: str) -> None:
        self._call = caller.call
        self._app = app

    async def get(self, app: str | None = None) -> Application:
        """Its channels and bridges. Raises `AriNotFound` if nobody ever connected as it since Asterisk's start."""
        return Application.from_json(await self._call(op.APPLICATION_GET, self._at(app)))

    async def subscribe(self, source: str, app: str | None = None) -> Application:
        """Hear of `channel:<id>`, `bridge:<id>`, `endpoint:PJSIP/<name>`, `endpoint:PJSIP` (all).

        An endpoint's subscription brings its channels' events too, a second time if they are ours: see `AriClient`.
        """
        answer = await self._call(op.APPLICATION_SUBSCRIBE, self._at(app), eventSource=source)
        return Application.from_json(answer)

    async def unsubscribe(self, source: str, app: str | None = None) -> Application:
        answer = await self._call(op.APPLICATION_UNSUBSCRIBE, self._at(app), eventSource=source)
        return Application.from_json(answer)

    async def only(self, events: Iterable[str], app: str | None = None) -> Application:
        """From now on the server sends this application only these types of event; none given: all again."""
        allowed = [{"type": name} for name in events]
        answer = await self._call(op.APPLICATION_FILTER, self._at(app), filter={"allowed": allowed})
        return Application.from_json(answer)

    def _at(self, app: str | None) -> dict[str, str]:
        return {"applicationName": app or self._app}
