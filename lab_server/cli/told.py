"""How every command tells what went wrong: one sentence on standard error, and an exit status that is not 0."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from lab_server.classroom.launch import LaunchError
from lab_server.config import ConfigError
from lab_server.desk.errors import DeskError
from lab_server.report.gather import UnknownSessionError
from lab_server.store.errors import StoreError
from lab_server.supervisor import AlreadyRunningError
from scenarios.errors import ScenarioError
from telephony.asterisk.errors import PbxError
from telephony.bus import BusError
from telephony.speech.engine import SpeechError

_OURS = (
    ConfigError, StoreError, UnknownSessionError, LaunchError, AlreadyRunningError, ScenarioError, PbxError, BusError,
    SpeechError, DeskError,
)  # fmt: skip


@contextmanager
def told(command: str, status: int = 2) -> Iterator[None]:
    """Our errors, the system's and the database's as a sentence of `ringside <command>`; what else there is, is a bug.

    Raises `typer.Exit(status)`.
    """
    try:
        yield
    except (*_OURS, ValidationError, DBAPIError, OSError) as error:
        typer.echo(f"ringside {command}: {_sentence(error)}", err=True)
        raise typer.Exit(status) from error


def _sentence(error: Exception) -> str:
    if isinstance(error, DBAPIError):
        return f"the database refuses ({' '.join(str(error.orig).split())}): see database_url in the settings"
    if isinstance(error, ValidationError):  # settings that only the switch knows to be wrong
        return "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors(include_url=False)
        )
    if isinstance(error, OSError) and error.filename:
        return (
            f"{error.filename}: {error.strerror}: see that it may be written and that its disk has space, or name "
            "another folder with RINGSIDE_VAR"
        )
    return str(error)
