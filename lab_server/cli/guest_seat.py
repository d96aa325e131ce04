"""`ringside demo --me`: the seat for the person at the machine, and how its address gets to that person."""

import asyncio
import os
import webbrowser
from collections.abc import Collection
from http.client import HTTPConnection, HTTPException

from rich.console import Console
from sqlmodel import Session

from lab_server.classroom.launch import LaunchError
from lab_server.config import ConfigError, Settings
from lab_server.desk import guests
from lab_server.desk.errors import SeatTakenError
from lab_server.i18n import Translator
from lab_server.store.engine import open_engine, writing
from telephony.clock import Clock

AGENTS, CALLS = 2, 40
"""Robots beside the person, and callers: about seven minutes, in which nearly always somebody waits."""
LOAD = 1.2
"""Calls offered per robot's capacity: some are left for the person, however slow."""
OPEN_S = 40.0
"""So long the pages may take to be there."""
_LOCAL = {"127.0.0.1", "localhost", "0.0.0.0", "::", "::1"}  # noqa: S104 (compared, not bound)


def refuse_elsewhere(settings: Settings) -> None:
    """Raises `ConfigError` where the pages are not to be had on this machine's own name: the browser would give no
    microphone, and the link opens here alone."""
    if settings.web_address not in _LOCAL:
        raise ConfigError(
            f"--me needs the pages on this machine: web_address={settings.web_address}, expected 127.0.0.1"
        )


def sit(session: Session, clock: Clock, site_id: str, words: Translator, robots: Collection[str]) -> str:
    """The key of the link to a seat beside the robots'. Raises `LaunchError` if there is none."""
    try:
        return guests.invite(session, clock, site_id, words.gettext("You"), robots)[1]
    except SeatTakenError as full:
        raise LaunchError("seat_taken", str(full)) from full


def get_up(settings: Settings, clock: Clock, site_id: str) -> None:
    """The seat is free again for the next demonstration's robots, and the browser signed out."""
    engine = open_engine(settings.database)
    try:
        with writing(engine) as session:
            guests.leave(session, clock, site_id)
    finally:
        engine.dispose()


async def invite(
    settings: Settings, key: str, words: Translator, console: Console, clock: Clock, *, show: bool
) -> None:
    """Print the link as soon as the pages are there, and open it where there is a display (`show`)."""
    _ = words.gettext
    link = f"http://localhost:{settings.web_port}/me?key={key}"
    with console.status(_("Waiting for the pages …")):
        there = await _answers(settings, clock)
    if not there:
        console.print(_("The pages do not answer: see %s") % (settings.logs / "web.log"), style="red", soft_wrap=True)
    console.print(_("Your seat is here, in a browser on this machine (the link works once):"))
    console.print(link, style="bold", soft_wrap=True, highlight=False)
    console.print(_("Allow the microphone, and a virtual caller rings you. Ctrl-C ends the class."))
    if show and has_display(os.environ):
        # A browser that cannot be opened is no failure: the link is on the terminal.
        asyncio.get_running_loop().run_in_executor(None, _open, link)


def has_display(environment: "os._Environ[str] | dict[str, str]") -> bool:
    """Whether a window can be opened; without one a text browser would take the terminal over."""
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _open(link: str) -> None:
    try:
        webbrowser.open(link)
    except (webbrowser.Error, OSError):
        return


async def _answers(settings: Settings, clock: Clock) -> bool:
    end_s = clock.monotonic() + OPEN_S
    while clock.monotonic() < end_s:
        if await asyncio.to_thread(_is_healthy, settings):
            return True
        await asyncio.sleep(0.2)
    return False


def _is_healthy(settings: Settings) -> bool:
    host = "::1" if ":" in settings.web_address else "127.0.0.1"
    connection = HTTPConnection(host, settings.web_port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
