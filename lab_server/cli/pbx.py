"""`ringside pbx …`: the private PBX by hand. The supervisor does the same by itself."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from lab_server.cli.told import told
from lab_server.config import Settings, load
from lab_server.pbx import pbx_settings
from telephony.asterisk.install import install as install_pbx
from telephony.asterisk.install import sources
from telephony.asterisk.process import Pbx
from telephony.asterisk.tree import Tree

app = typer.Typer(no_args_is_help=True, help="The private PBX (Asterisk): install, start, stop, look.")


@contextmanager
def _told() -> Iterator[Settings]:
    """The settings; our errors become one sentence and exit status 1."""
    with told("pbx", status=1):
        yield load()


@contextmanager
def _pbx() -> Iterator[Pbx]:
    with _told() as settings:
        yield Pbx(pbx_settings(settings))


@app.command()
def install(
    bundle: Annotated[
        Path | None, typer.Option(help="A folder of packages from an offline bundle; no network.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Even if a working one is there.")] = False,
) -> None:
    """Fetch Asterisk into a private folder, try it with one call, and put it in place. Needs no root."""
    with _told() as settings:
        given = Path(settings.asterisk) if settings.asterisk else None
        where = sources(settings.pbx, given, bundle)
        done = asyncio.run(
            install_pbx(settings.pbx, where, again=again, tell=lambda line: typer.echo(f"PBX: {line}", err=True))
        )
        typer.echo(f"Asterisk {'.'.join(map(str, done.version))} is in {done.tree.root} ({done.source}).")


@app.command()
def start(
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay until it ends; Ctrl-C stops it.")] = False,
) -> None:
    """Start the PBX (in the background) and wait until it answers."""
    with _pbx() as pbx:
        pid = asyncio.run(_foreground(pbx) if foreground else pbx.start())
        if not foreground:
            typer.echo(f"The PBX runs (process {pid}); phones register at {_phones(pbx)}.")


async def _foreground(pbx: Pbx) -> int:
    pid = await pbx.start()
    typer.echo(f"The PBX runs (process {pid}); phones register at {_phones(pbx)}. Ctrl-C stops it.")
    try:
        await pbx.wait()
    except asyncio.CancelledError:
        await asyncio.shield(pbx.stop())
        raise
    return pid


@app.command()
def stop() -> None:
    """Stop the PBX; calls that are up get their BYE."""
    with _pbx() as pbx:
        was = pbx.status().running
        asyncio.run(pbx.stop())
        typer.echo("The PBX has stopped." if was else "The PBX was not running.")


@app.command()
def status() -> None:
    """Say whether the PBX runs, which one it is and how many channels are up. Exit status 3: it does not run."""
    with _pbx() as pbx:
        found = pbx.status()
        if not found.running:
            typer.echo("The PBX is not running; start it: ringside pbx start")
            raise typer.Exit(3)
        version = ".".join(map(str, Tree(pbx.settings.tree).version()))
        said = asyncio.run(pbx.console("core show channels count"))
        active = [line for line in said.splitlines() if " active " in line]
        typer.echo(f"Asterisk {version}, process {found.pid}, phones at {_phones(pbx)}; {', '.join(active)}.")
        if found.stale:
            typer.echo("The settings have changed since it started: ringside pbx stop, then start.")


@app.command()
def console(
    command: Annotated[list[str] | None, typer.Argument(help="A command; none: an open console.")] = None,
) -> None:
    """Ask Asterisk's own console one command, or open it (Ctrl-C leaves it, the PBX goes on)."""
    with _pbx() as pbx:
        if command:
            typer.echo(asyncio.run(pbx.console(" ".join(command))), nl=False)
        elif pbx.status().running:
            done = subprocess.run(pbx.console_command, check=False)
            sys.exit(done.returncode)
        else:
            typer.echo("The PBX is not running; start it: ringside pbx start", err=True)
            raise typer.Exit(1)


def _phones(pbx: Pbx) -> str:
    return f"{pbx.settings.sip_address}:{pbx.settings.sip_port}"
