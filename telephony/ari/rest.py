"""One request to Asterisk's REST interface: built from the table of operations, answered with JSON or an error."""

import base64
import json
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from telephony.ari.errors import AriMalformed, AriRefused, AriUnreachable, refusal
from telephony.ari.operations import EVENTS, Operation

_IN_QUERY = frozenset({"GET", "DELETE", "OPTIONS"})
_IDLE_S = 10.0  # below Asterisk's `session_keep_alive` (15 s): we drop an idle connection before the server does
_CONNECTIONS = 16


class Caller(Protocol):
    """What the groups of operations need: `Rest` itself, or a client that first checks that it is connected."""

    async def call(self, operation: Operation, path: dict[str, str] | None = None, **params: Any) -> Any:
        """See `Rest.call`."""
        ...


class Rest:
    """Keeps a few HTTP connections open. Use it alone (no events), or through `AriClient`."""

    def __init__(self, base_url: str, user: str, password: str, *, timeout_s: float = 5.0) -> None:
        self._base = base_url.rstrip("/")
        login = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {login}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, connect=min(timeout_s, 2.0))
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """The HTTP session, opened at its first use inside the running loop."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_IDLE_S)
            self._session = aiohttp.ClientSession(connector=connector, headers=self._headers, timeout=self._timeout)
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def events_url(self, apps: tuple[str, ...], *, hear_all: bool = False) -> URL:
        """Where the event stream of these applications is; `hear_all`: of every channel and bridge, ours or not."""
        query = {"app": ",".join(apps)} | ({"subscribeAll": "true"} if hear_all else {})
        return URL(f"{self._base}{EVENTS.path}?{urlencode(query, quote_via=quote)}", encoded=True)

    async def call(self, operation: Operation, path: dict[str, str] | None = None, **params: Any) -> Any:
        """Do it. `None` params are left out. Returns decoded JSON, or `None` where the server answers nothing.

        Raises `AriUnreachable`, `AriNotFound`, `AriConflict`, `AriRefused` or `AriMalformed`.
        """
        given = {name: value for name, value in params.items() if value is not None}
        if unknown := given.keys() - operation.params:
            raise TypeError(f"{operation.method} {operation.path} has no parameter {', '.join(sorted(unknown))}")
        where = fill(operation.path, path or {})
        if operation.method in _IN_QUERY:
            return await self.send(operation.method, where, query=given)
        body = given.get(operation.whole_body) if operation.whole_body else given or None
        return await self.send(operation.method, where, body=body)

    async def send(self, method: str, path: str, *, query: dict[str, Any] | None = None, body: Any = None) -> Any:
        """The request itself; `path` is already percent-encoded."""
        status, content = await self.exchange(method, path, query=query, body=body)
        if status >= 400:
            raise refusal(method, path, status, _message(content))
        return _decoded(content, method, path, status)

    async def exchange(
        self, method: str, path: str, *, query: dict[str, Any] | None = None, body: Any = None
    ) -> tuple[int, bytes]:
        """Status and content of the answer, whatever they are. Raises `AriUnreachable`."""
        tail = f"?{urlencode({k: _plain(v) for k, v in query.items()}, quote_via=quote)}" if query else ""
        url = URL(f"{self._base}{path}{tail}", encoded=True)
        try:
            async with self.session().request(method, url, json=body) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise AriUnreachable(f"no answer from Asterisk ({reason})", method=method, path=path) from error

    async def allowed(self, path: str) -> frozenset[str]:
        """The methods the running server has at this path, by asking it (OPTIONS); empty if it has no such path."""
        url = URL(f"{self._base}{path}", encoded=True)
        try:
            async with self.session().options(url) as response:
                listed = response.headers.get("Allow", "") if response.status < 400 else ""
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise AriUnreachable(f"no answer from Asterisk ({error})", method="OPTIONS", path=path) from error
        return frozenset(method.strip() for method in listed.split(",") if method.strip())


def fill(path: str, values: dict[str, str]) -> str:
    """`/channels/{channelId}` with its values, each percent-encoded. An empty value would change the path: refused."""
    for name, value in values.items():
        if not value:
            raise AriRefused(f"{name} is empty", path=path)
        path = path.replace("{" + name + "}", quote(value, safe=""))
    return path


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _message(content: bytes) -> str:
    try:
        said = json.loads(content)
        return str(said["message"] if "message" in said else said["error"])
    except (ValueError, KeyError, TypeError):
        return content[:200].decode("utf-8", "replace") or "no reason given"


def _decoded(content: bytes, method: str, path: str, status: int) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError:
        shown = content[:120]
        raise AriMalformed(f"answer is not JSON: {shown!r}", method=method, path=path, status=status) from None
