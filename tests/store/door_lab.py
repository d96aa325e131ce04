"""The pages without a socket: the application on a test's database, and browsers that keep cookies and send forms."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from lab_rows import Lab

from lab_server.config import Settings
from lab_server.desk import tokens
from lab_server.desk.passwords import hashed_pin
from lab_server.desk.users import ensure_user
from lab_server.store.engine import writing
from lab_server.store.tables import Klass, KlassMember, Role, User
from web.app import create_app

SECRET = "correct horse"
ORIGIN = "http://127.0.0.1:8080"


@cache
def kept() -> str:
    return hashed_pin(SECRET)


class Browser:
    """One PC's browser: `source` is its address. Forms carry the token of the page that was looked at last."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.csrf = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        answer = await self.client.get(path, headers=headers)
        self._note(answer)
        return answer

    async def post(self, path: str, *, file: tuple[str, bytes] | None = None, **form: str) -> httpx.Response:
        """A form of our own page, as a browser sends it."""
        files = {"file": file} if file is not None else None
        data = {"csrf": self.csrf} | form
        answer = await self.client.post(path, data=data, files=files, headers={"origin": ORIGIN})
        self._note(answer)
        return answer

    async def sign_in(self, login: str, secret: str = SECRET, **form: str) -> httpx.Response:
        answer = await self.post("/signin", login=login, secret=secret, **form)
        if answer.status_code == 303:
            await self.get("/profile")
        return answer

    async def inside(self) -> bool:
        """Whether somebody is signed in here."""
        return (await self.client.get("/profile")).status_code == 200

    def _note(self, answer: httpx.Response) -> None:
        if found := re.search(r'name="csrf" value="(\w+)"', answer.text):
            self.csrf = found[1]


class DoorLab:
    """A lab with people in it who can sign in, each with `SECRET`, and the pages that serve it."""

    def __init__(self, app: FastAPI, lab: Lab, stack: AsyncExitStack) -> None:
        self.app = app
        self.lab = lab
        self._stack = stack

    async def browser(self, source: str = "10.0.0.1") -> Browser:
        transport = httpx.ASGITransport(self.app, client=(source, 50000), raise_app_exceptions=True)
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, follow_redirects=False)
        return Browser(await self._stack.enter_async_context(client))

    async def signed_in(self, login: str, source: str = "10.0.0.1") -> Browser:
        browser = await self.browser(source)
        assert (await browser.sign_in(login)).status_code == 303, login
        return browser

    def person(self, login: str, role: Role = "student", *, klass: Klass | None = None, name: str = "") -> User:
        """Somebody who can sign in."""
        with writing(self.lab.engine) as session:
            user = ensure_user(
                session, self.lab.clock, site_id=self.lab.site.id, login=login, name=name or login, role=role
            )
            user.password = kept()
            session.add(user)
            session.flush()
            if klass is not None:
                session.add(
                    KlassMember(
                        site_id=self.lab.site.id, klass_id=klass.id, user_id=user.id, joined_at=self.lab.clock.utc()
                    )
                )
        return user

    @asynccontextmanager
    async def program(self, user: User) -> AsyncIterator[httpx.AsyncClient]:
        """A program with a token of `user`'s."""
        with writing(self.lab.engine) as session:
            text = tokens.create(session, self.lab.clock, session.get_one(User, user.id))[1]
        transport = httpx.ASGITransport(self.app, client=("10.0.0.7", 50000), raise_app_exceptions=True)
        headers = {"authorization": f"Bearer {text}"}
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
            yield client

    def klass(self, name: str = "实训二班") -> Klass:
        with writing(self.lab.engine) as session:
            klass = Klass(site_id=self.lab.site.id, name=name)
            session.add(klass)
        return klass


@asynccontextmanager
async def door_lab(lab: Lab, url: str, folder: Path, **more: Any) -> AsyncIterator[DoorLab]:
    """The application at work, with `more` settings. Its bus has no hub: nothing is told, and nothing waits for it."""
    settings = Settings(
        var=folder / "v", database_url=url, site_name="School", bus=f"ipc://{folder}/bus", language="en", seats=3,
        **more,
    )  # fmt: skip
    app = create_app(settings, lab.clock)
    async with AsyncExitStack() as stack, app.router.lifespan_context(app):
        yield DoorLab(app, lab, stack)
