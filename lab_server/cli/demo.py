"""`ringside demo`: a class from nothing to graded scorecards."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from datasets.language import Language
from lab_server.bootstrap import Prepared, prepare
from lab_server.classroom.launch import ClassPlan, LaunchError, draw, launch, seat_robots
from lab_server.classroom.messages import FLOOR_TOPIC, FloorPicture, SessionEnded, StartSession, StopSession
from lab_server.cli.live_table import live_table
from lab_server.cli.report import build, copy_json
from lab_server.cli.scorecards import scorecards
from lab_server.config import ConfigError, Settings, load
from lab_server.i18n import Translator, translator
from lab_server.pbx import pbx_settings
from lab_server.report.gather import OPEN
from lab_server.report.model import SessionReport
from lab_server.store.engine import open_engine, writing
from lab_server.supervisor import AlreadyRunningError, Supervisor
from scenarios.load import library
from telephony.asterisk.errors import PbxError
from telephony.asterisk.tree import Tree
from telephony.bus import BusClient, BusError
from telephony.clock import Clock, SystemClock
from telephony.speech.engine import SpeechError

SILENCE_S = 60.0
"""So long the brain may say nothing before we give the class up: restarts take a few seconds."""


@dataclass(frozen=True)
class Order:
    """What the command line asks for."""

    agents: int
    calls: int
    seed: int
    language: Language
    scenarios: tuple[str, ...]
    json_file: Path | None


def demo(
    *,
    agents: Annotated[int, typer.Option(help="Robot students at work.")] = 6,
    calls: Annotated[int, typer.Option(help="Callers.")] = 18,
    seed: Annotated[int, typer.Option(help="The same seed gives the same callers, cases and truths.")] = 7,
    lang: Annotated[str | None, typer.Option(help="zh-CN or en; default: the site's language.")] = None,
    scenario: Annotated[list[str] | None, typer.Option(help="Only these scenarios (again for several).")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the result as JSON to this file.")
    ] = None,
) -> None:
    """Run a class of robot students against virtual callers, print the scorecards and write the report."""
    try:
        settings = load(language=lang)
        order = Order(agents, calls, seed, settings.language, tuple(scenario or ()), json_file)
        code = asyncio.run(_run(settings, order, SystemClock()))
    except (ConfigError, LaunchError, PbxError, BusError, SpeechError, AlreadyRunningError, OSError) as error:
        typer.echo(f"ringside demo: {error}", err=True)
        raise typer.Exit(2) from error
    raise typer.Exit(code)


async def _run(settings: Settings, order: Order, clock: Clock) -> int:
    words = translator(order.language)
    console = Console()
    with console.status(words.gettext("Getting ready: tables, voices, prompts …")):
        prepared = await asyncio.to_thread(prepare, settings, clock)
        session_id = _launch(settings, order, prepared, clock)
    supervisor = Supervisor(settings, clock, web=False)
    with console.status(words.gettext("Starting the switch …")):
        await supervisor.start()
    try:
        ended = await _watch(settings, session_id, words, console, clock)
    finally:
        await supervisor.stop()
    report, paths = build(settings, session_id)
    if order.json_file is not None:
        copy_json(report, paths.html.parent, order.json_file)
    console.print(scorecards(report, words))
    console.print(words.gettext("Report: %s") % paths.html, soft_wrap=True, highlight=False)
    if ended is None or ended.status != "ended":
        why = ended.why if ended is not None else words.gettext("the class gave no sign of life any more")
        console.print(words.gettext("The class was cut short: %s") % why, style="red")
        return 1
    return 0 if all_defined(report, order.calls) else 1


def all_defined(report: SessionReport, planned: int) -> bool:
    """Whether every planned call was made and ended in a defined way: none is open, none broke."""
    return len(report.calls) >= planned and not any(call.outcome in {OPEN, "broken"} for call in report.calls)


def _launch(settings: Settings, order: Order, prepared: Prepared, clock: Clock) -> str:
    known = library()
    unknown = [name for name in order.scenarios if name not in known]
    if unknown:
        raise LaunchError("scenarios", f"there is no scenario {', '.join(unknown)}; there are {', '.join(known)}")
    chosen = tuple(known[name] for name in order.scenarios or known)
    plan = ClassPlan(order.agents, order.calls, order.seed, order.language, chosen)
    plan.check(settings.seats)
    now = clock.utc().astimezone(settings.zone)
    seats = settings.seat_numbers[: order.agents]
    version = ".".join(str(part) for part in Tree(pbx_settings(settings).tree).version())
    engine = open_engine(settings.database)
    try:
        with writing(engine) as session:
            seat_robots(session, clock, prepared.site_id, seats)
            return launch(
                session, plan, draw(plan, now.date()), seats, name=f"demo {now:%Y-%m-%d %H:%M}",
                site_id=prepared.site_id, now=now, engines={"asterisk": version, **prepared.engines},
            )  # fmt: skip
    finally:
        engine.dispose()


async def _watch(
    settings: Settings, session_id: str, words: Translator, console: Console, clock: Clock
) -> SessionEnded | None:
    """Show the live table until the class is over; None if nothing was heard for too long."""
    bus = BusClient(settings.bus_address, "console", clock)
    over: asyncio.Future[SessionEnded] = asyncio.get_running_loop().create_future()
    heard_s = clock.monotonic()
    shown: list[FloorPicture] = []

    def picture(message: FloorPicture, _sender: str) -> None:
        nonlocal heard_s
        heard_s = clock.monotonic()
        shown[:] = [message]

    def ended(message: SessionEnded, _sender: str) -> None:
        if message.session == session_id and not over.done():
            over.set_result(message)

    bus.on(FloorPicture, picture)
    bus.on(SessionEnded, ended)
    bus.subscribe(FLOOR_TOPIC)
    await bus.start()
    try:
        await bus.send("brain", StartSession(session=session_id), durable=True)
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            while not over.done() and clock.monotonic() - heard_s < SILENCE_S:
                if shown:
                    live.update(live_table(shown[-1], words))
                await asyncio.wait({over}, timeout=0.25)
        return over.result() if over.done() else None
    except asyncio.CancelledError:
        await bus.send("brain", StopSession(session=session_id))
        raise
    finally:
        await bus.close(flush_s=1.0)
