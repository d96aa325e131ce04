"""`ringside report`: write a session's report again, for instance after a grader has changed a line."""

from pathlib import Path
from typing import Annotated

import typer

from lab_server.cli.told import told
from lab_server.config import Settings, load
from lab_server.report.build import ReportPaths, write_report
from lab_server.report.gather import gather
from lab_server.report.model import SessionReport
from lab_server.store.engine import open_engine, reading
from lab_server.store.migrate import upgrade


def report(session_id: Annotated[str, typer.Argument(metavar="SESSION", help="The session's id.")]) -> None:
    """Write the report of a session, running or over, and print where it is."""
    with told("report"):
        _, paths = build(load(), session_id)
        typer.echo(paths.html)


def build(settings: Settings, session_id: str) -> tuple[SessionReport, ReportPaths]:
    """Gather a session's rows and write its report into the reports folder."""
    engine = open_engine(settings.database)
    try:
        upgrade(engine)
        with reading(engine) as session:
            gathered = gather(session, session_id, settings)
    finally:
        engine.dispose()
    return gathered, write_report(gathered, settings.reports / session_id)


def copy_json(gathered: SessionReport, folder: Path, file: Path) -> None:
    """The report as JSON in `file`, its paths made relative to that file's folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(gathered.relative_to(folder, file.absolute().parent).model_dump_json(indent=1), encoding="utf-8")
