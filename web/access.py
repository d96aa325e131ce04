"""Who asks, and may he: every route takes `Depends(signed_in(Right.…))`, or is named in `PUBLIC` with its reason.

A page's visitor shows the session's cookie, an outside program below /api a token. What is changed by a cookie's right
has to come from a page of ours: it carries the session's own token and our own origin.
"""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from fastapi import HTTPException, Request, WebSocketException
from sqlmodel import Session
from starlette.requests import HTTPConnection

from lab_server.config import Settings
from lab_server.desk import alerts, floor_reads, tokens, web_sessions
from lab_server.desk.day import notices
from lab_server.desk.desk import Desk
from lab_server.desk.passwords import matches
from lab_server.desk.rights import Right, may
from lab_server.desk.sites import site_id
from lab_server.store.tables import Role, User
from lab_server.store.writer import Reader, Writer
from lab_server.webhooks.outbox import TellingDesk
from telephony.clock import Clock
from web.cookies import Cookies
from web.seats import own_origin

T = TypeVar("T")

CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY = 1008  # a WebSocket's "policy violation"
LOOK_S = 5.0
"""So often a stream asks whether its session still lasts."""
HASHED_AT_ONCE = 2

PUBLIC: Mapping[str, str] = MappingProxyType(
    {
        "/static": "the pages' own styles, scripts and pictures",
        "/healthz": "for whoever watches the process; says nothing but ok",
        "/signin": "where signing in happens; its POST is limited by counting tries, and takes our own origin only",
        "/first": "a one-time link's page: its key is the right",
        "/me": "a one-time link's page, for this machine alone: its key is the right",
        "/trust": "who has to trust our certificate cannot sign in before; tells what anybody may know",
        "/trust/ringside-ca.crt": "a certificate is no secret",
        "/trust/ringside-ca.pem": "a certificate is no secret",
        "/language": "a preference in a cookie; of a user's own row only with his session",
    }
)
"""The addresses that need no sign-in, and why."""


@dataclass(frozen=True)
class Visitor:
    """Who asks. `seat`: the extension at which the user sits in this browser, None for nowhere. `session_id`: None for
    a program, which has the token `token_id`. `csrf`: what this session's forms carry; empty for a program."""

    user: User
    seat: str | None
    session_id: str | None = None
    csrf: str = ""
    source: str = ""
    token_id: str | None = None
    unread: int = 0
    alerts: int = 0

    @property
    def role(self) -> Role:
        return self.user.role

    def may(self, right: Right, *, own: bool = True) -> bool:
        """Whether the role has the right; `own`: for what is the visitor's own at least."""
        return may(self.role, right, own=own)


class NotSignedInError(HTTPException):
    """Nobody is signed in, or no longer: pages lead to signing in, programs are told 401."""

    def __init__(self) -> None:
        super().__init__(401, headers={"WWW-Authenticate": "Bearer"})


class ForgedError(HTTPException):
    """A change that no page of ours asked for, or one from before the session was renewed."""

    def __init__(self) -> None:
        super().__init__(403)


class Access:
    """Knows visitors by their cookie or token. One for the application, at `app.state.access`."""

    def __init__(self, settings: Settings, reader: Reader, writer: Writer, clock: Clock) -> None:
        self.settings = settings
        self.reader = reader
        self.writer = writer
        self.clock = clock
        self.cookies = Cookies(settings.secrets)
        self._site = ""
        self._hashing = asyncio.Semaphore(HASHED_AT_ONCE)
        self._ended: set[str] = set()
        self.floor_reads_changed: Callable[[], None] = lambda: None
        """Called after rows were changed here that the floor keeps in memory."""

    async def site(self) -> str:
        """The site's id, "" before it has been made."""
        if not self._site:
            self._site = await self.reader.run(lambda session: site_id(session, self.settings) or "")
        return self._site

    async def visitor(self, connection: HTTPConnection) -> Visitor | None:
        """Who asks; looked up anew each time, so a session that was ended opens nothing from then on."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and connection.url.path.startswith("/api/"):
            return await self._program(connection, token.strip())
        secret = self.cookies.session(connection)
        if secret is None:
            return None
        found, unread, alerted = await self.reader.run(lambda session: self._found(session, secret))
        if found is None or found.row.id in self._ended or found.user.site_id != await self.site():
            return None
        return Visitor(
            found.user, found.seat, found.row.id, csrf_of(secret), source_of(connection), unread=unread, alerts=alerted
        )  # fmt: skip

    def _found(self, session: Session, secret: str) -> tuple[web_sessions.SignedIn | None, int, int]:
        """Whose session it is, how many messages wait for that user, and how many alerts last that he may see."""
        found = web_sessions.find(session, self.clock, secret)
        if found is None:
            return None, 0, 0
        return found, notices.waiting_for(session, found.user.id), alerts.waiting_for(session, found.user)

    async def write(self, visitor: Visitor, work: Callable[[Desk], T]) -> T:
        """`work` at the visitor's desk, in one transaction; returns what it returns once that is committed."""

        def unit(session: Session) -> tuple[T, bool]:
            actor = session.get_one(User, visitor.user.id)
            with floor_reads.watched(session) as touched:
                return work(TellingDesk(session, self.clock, actor, visitor.source)), touched()

        done, touched = await self.writer.run(unit)
        if touched:
            self.floor_reads_changed()
        return done

    async def read(self, visitor: Visitor, work: Callable[[Desk], T]) -> T:
        """`work` at the visitor's desk, changing nothing."""
        return await self.reader.run(
            lambda session: work(Desk(session, self.clock, session.get_one(User, visitor.user.id), visitor.source))
        )

    async def fits(self, password: str, kept: str) -> bool:
        """Whether a password is the one that `kept` was made from; few at once, since each takes memory and a core."""
        async with self._hashing:
            return await asyncio.to_thread(matches, password, kept)

    async def hashed(self, make: Callable[[], T]) -> T:
        """`make`, which hashes passwords, away from the event loop."""
        async with self._hashing:
            return await asyncio.to_thread(make)

    def ended(self, session_ids: list[str]) -> None:
        """These sessions are over: streams in this process end at once, in others within `LOOK_S`."""
        self._ended.update(session_ids)
        if len(self._ended) > 10_000:
            self._ended.clear()  # the database knows them anyway

    async def lasts(self, visitor: Visitor) -> bool:
        """Whether the visitor may go on listening."""
        session_id = visitor.session_id
        if session_id is None:
            token_id = visitor.token_id or ""
            return await self.reader.run(lambda session: tokens.opens_still(session, self.clock, token_id))
        if session_id in self._ended:
            return False
        return await self.reader.run(lambda session: web_sessions.still_open(session, self.clock, session_id))

    async def while_signed_in(self, visitor: Visitor, stream: AsyncIterator[str]) -> AsyncIterator[str]:
        """The stream, until it ends or the visitor's session does: it then says `event: signed-out` and stops."""
        looked_s = self.clock.monotonic()
        following: asyncio.Task[str] | None = None
        try:
            while True:
                following = following or asyncio.ensure_future(anext(stream))
                await asyncio.wait({following}, timeout=LOOK_S)
                if visitor.session_id in self._ended or self.clock.monotonic() - looked_s >= LOOK_S:
                    looked_s = self.clock.monotonic()
                    if not await self.lasts(visitor):
                        yield "event: signed-out\ndata: {}\n\n"
                        return
                if following.done():
                    done, following = following, None
                    try:
                        told = done.result()
                    except StopAsyncIteration:
                        return
                    yield told
        finally:
            if following is not None:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
            if (close := getattr(stream, "aclose", None)) is not None:
                await close()

    async def _program(self, connection: HTTPConnection, token: str) -> Visitor | None:
        holder = await self.reader.run(lambda session: tokens.holder_of(session, self.clock, token))
        if holder is None:
            return None
        return Visitor(holder.user, holder.seat, source=source_of(connection), token_id=holder.token_id)


class SignedIn:
    """The dependency that `signed_in` makes; the walk over all routes finds its `right`."""

    def __init__(self, right: Right) -> None:
        self.right = right

    async def __call__(self, connection: HTTPConnection) -> Visitor:
        access: Access = connection.app.state.access
        visitor = await access.visitor(connection)
        is_socket = connection.scope["type"] == "websocket"
        if visitor is None:
            raise WebSocketException(_POLICY) if is_socket else NotSignedInError()
        connection.state.visitor = visitor
        if not visitor.may(self.right):
            raise WebSocketException(_POLICY) if is_socket else HTTPException(403)
        if visitor.session_id is None:
            return visitor
        if is_socket and not own_origin(connection):
            raise WebSocketException(_POLICY)
        if isinstance(connection, Request) and connection.method not in _SAFE:
            await demand_own_page(connection, visitor.csrf)
        return visitor


def signed_in(right: Right) -> SignedIn:
    """For `Annotated[Visitor, Depends(signed_in(right))]`: who asks, if the role has the right at least for its own.

    Whether a record is the visitor's own is for the service to check (`desk.reach`, `Desk.check`). Raises 401
    (`NotSignedInError`), 403; closes a WebSocket before it is accepted.
    """
    return SignedIn(right)


async def demand_own_page(request: Request, csrf: str) -> None:
    """Raises `ForgedError` unless the request comes from a page of ours and carries the session's token."""
    given = request.headers.get(CSRF_HEADER, "")
    if not given and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        field = (await request.form(max_files=1, max_fields=200)).get(CSRF_FIELD, "")
        given = field if isinstance(field, str) else ""
    if not own_origin(request) or not hmac.compare_digest(given.encode("utf-8", "replace"), csrf.encode()):
        await request.close()  # an uploaded file, too
        raise ForgedError


def demand_own_origin(request: Request) -> None:
    """Raises `ForgedError` for a form that another site's page sent, where there is no session yet."""
    if not own_origin(request):
        raise ForgedError


def csrf_of(secret: str) -> str:
    """A session's token for its forms: from the cookie's secret, which no script and no other site reads."""
    return hashlib.sha256(f"csrf:{secret}".encode()).hexdigest()


def source_of(connection: HTTPConnection) -> str:
    """The address of who asks."""
    return connection.client.host[:45] if connection.client is not None else ""


async def fields(request: Request) -> dict[str, str]:
    """A form's texts. Files are not among them."""
    form: Any = await request.form(max_files=1, max_fields=200)
    return {name: value for name, value in form.items() if isinstance(value, str)}
