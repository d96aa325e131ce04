"""A program that takes webhooks: a real HTTP server on loopback, which answers as it is told and keeps what came."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Came:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def is_signed(self, secret: str) -> bool:
        """As the scheme of Standard Webhooks says, written down a second time."""
        told = b"%s.%s.%s" % (
            self.headers["webhook-id"].encode(), self.headers["webhook-timestamp"].encode(), self.body,
        )  # fmt: skip
        digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), told, hashlib.sha256)
        return self.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


@dataclass
class Receiver:
    """`answers`: the statuses it gives, in order; then 204."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    came: list[Came] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def has(self, count: int) -> list[Came]:
        async with asyncio.timeout(20), self.news:
            await self.news.wait_for(lambda: len(self.came) >= count)
        return self.came

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        status = self.answers.pop(0) if self.answers else 204
        there = f"Location: {self.url}/elsewhere\r\n" if status == 302 else ""
        writer.write(f"HTTP/1.1 {status} Answer\r\n{there}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        async with self.news:
            self.came.append(Came(first.split()[1], headers, body))
            self.news.notify_all()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield receiver
