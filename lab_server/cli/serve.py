"""`ringside serve`: everything, in the foreground, until Ctrl-C or SIGTERM."""

import asyncio
import signal
from typing import Annotated

import typer

from lab_server.bootstrap import prepare
from lab_server.cli import addresses
from lab_server.cli.told import told
from lab_server.cli.user import first_link
from lab_server.config import Settings, load
from lab_server.process import set_up_log
from lab_server.supervisor import Supervisor
from telephony.clock import Clock, SystemClock


def serve(
    web: Annotated[bool, typer.Option(help="Serve the pages, too.")] = True,
) -> None:
    """Start the switch, the brain, the grading and the pages, and keep them running."""
    set_up_log()
    with told("serve"):
        asyncio.run(_serve(load(), SystemClock(), web))


async def _serve(settings: Settings, clock: Clock, web: bool) -> None:
    await asyncio.to_thread(prepare, settings, clock)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    supervisor = Supervisor(settings, clock, web=web)
    await supervisor.start()
    try:
        if web:
            await asyncio.to_thread(_say_first_steps, settings, clock)
            typer.echo(f"Ringside is open: {addresses.pages(settings)} (Ctrl-C closes it)")
            if settings.https_served and not settings.tls_cert:
                typer.echo(
                    f"Machines that do not trust its certificate yet are told how at {addresses.plain(settings)}trust"
                )
        else:
            typer.echo("Ringside is open, without pages (Ctrl-C closes it).")
        await stop.wait()
    finally:
        await supervisor.stop()


def _say_first_steps(settings: Settings, clock: Clock) -> None:
    """Nobody can sign in to a fresh installation: the link stands on the machine's own terminal, and only there."""
    link = first_link(settings, clock)
    if link is not None:
        typer.echo(f"Nobody can sign in yet. Set the administrator's password here (once, within a day):\n  {link}")
