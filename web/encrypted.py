"""Others than this machine get nothing unencrypted but the way to https and what they need to trust it."""

from starlette.datastructures import URL, Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.listen import is_loopback

_OPEN = ("/trust", "/healthz", "/static/")


class Encrypted:
    """Wraps an application. Sends what comes over plain http from another machine to `https_port`."""

    def __init__(self, app: ASGIApp, https_port: int) -> None:
        self._app = app
        self._https_port = https_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plain = scope["type"] in {"http", "websocket"} and scope["scheme"] in {"http", "ws"}
        if plain and not _from_here(scope) and not scope["path"].startswith(_OPEN):
            await self._elsewhere(scope)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _elsewhere(self, scope: Scope) -> Response:
        """What was sent already, a password perhaps, is not asked for a second time."""
        if scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("https only", 403)
        name = URL(f"http://{Headers(scope=scope).get('host', '')}").hostname or "localhost"
        host = f"[{name}]" if ":" in name else name
        port = "" if self._https_port == 443 else f":{self._https_port}"
        query = scope["query_string"].decode("latin-1")
        path = scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or scope["path"]
        return RedirectResponse(f"https://{host}{port}{path}" + (f"?{query}" if query else ""), 308)


def _from_here(scope: Scope) -> bool:
    return scope.get("client") is not None and is_loopback(scope["client"][0])
