"""`python -m web`: serve the pages until told to stop. Settings come from the environment and ringside.toml."""

import asyncio
import contextlib
import logging
import signal
import ssl
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI

from lab_server.config import ConfigError, Settings, load
from lab_server.process import go_with_parent, set_up_log
from lab_server.store.errors import StoreError
from lab_server.tls.authority import Served, loaded, served_with
from lab_server.tls.errors import TlsError
from lab_server.tls.names import machine_names
from telephony.clock import Clock, SystemClock
from telephony.websip.message import LONGEST
from web.app import create_app
from web.errors import WebError
from web.listen import bound

log = logging.getLogger(__name__)

GRACE_S = 2  # a page that listens to the live events never ends its request by itself
RENEWAL_S = 3600.0
"""So often the certificate is looked at: it runs out one day, and machines get other addresses."""


class _Server(uvicorn.Server):
    """One of two in a process: signals are for both."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main() -> int:
    """Returns the exit status: 2 for a setting that is wrong or an address that cannot be had."""
    set_up_log()
    try:
        settings, clock = load(), SystemClock()
        secure = settings.https_served
        # Over plain http other machines get no more than the way to https (`web.encrypted`).
        listeners = [bound(settings.web_address, settings.web_port, open_to_all=secure or settings.web_open)]
        if secure:
            listeners.append(bound(settings.web_address, settings.https_port, open_to_all=True, setting="https_port"))
        context = loaded(_served(settings, clock)) if secure else None
        app = create_app(settings, clock)
    except (ConfigError, WebError, StoreError, TlsError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    go_with_parent()
    servers = [_server(app)]
    if context is not None:
        servers.append(_server(app, context, lifespan="off"))
    with contextlib.ExitStack() as stack:
        for listener in listeners:
            stack.enter_context(listener)
        asyncio.run(_serve(servers, listeners, context, settings, clock))
    return 0 if all(server.started for server in servers) else 1


async def _serve(
    servers: list[_Server], listeners: list[Any], context: ssl.SSLContext | None, settings: Settings, clock: Clock
) -> None:
    def stop() -> None:
        for server in servers:
            server.force_exit = server.should_exit  # asked a second time, it waits for nobody
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    renewal = asyncio.create_task(_renew(context, settings, clock)) if context is not None else None
    try:
        await asyncio.gather(
            *(server.serve(sockets=[listener]) for server, listener in zip(servers, listeners, strict=True))
        )
    finally:
        if renewal is not None:
            renewal.cancel()


def _server(app: FastAPI, context: ssl.SSLContext | None = None, *, lifespan: Any = "on") -> _Server:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan=lifespan,
        timeout_graceful_shutdown=GRACE_S,
        ws="websockets-sansio",
        ws_max_size=LONGEST,
        ws_ping_interval=10.0,
        ws_ping_timeout=10.0,
    )
    config.load()
    config.ssl = context
    return _Server(config)


def _served(settings: Settings, clock: Clock) -> Served:
    return served_with(settings.tls_cert, settings.tls_key, settings.tls, machine_names(), clock)


async def _renew(context: ssl.SSLContext, settings: Settings, clock: Clock) -> None:
    """Who comes from now on is shown the newest certificate; nobody's connection breaks."""
    while True:
        await asyncio.sleep(RENEWAL_S)
        try:
            served = await asyncio.to_thread(_served, settings, clock)
            await asyncio.to_thread(context.load_cert_chain, served.certificate, served.key)
        except (TlsError, OSError) as error:  # the old one goes on until it runs out; every hour it is tried again
            log.error("the certificate can't be renewed: %s", error)


if __name__ == "__main__":
    sys.exit(main())
