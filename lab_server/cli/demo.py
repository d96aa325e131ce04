"""`ringside demo`: a class from nothing to graded scorecards."""

import asyncio
import signal
from collections.abc import Sequence
from errno import EISDIR
from os import strerror
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated

import typer
from rich.console import Console

from datasets.numbers import NumberRanges
from lab_server.bootstrap import Prepared, prepare
from lab_server.classroom.launch import LOAD, ClassPlan, LaunchError, draw, launch, seat_robots
from lab_server.classroom.messages import FLOOR_TOPIC, FloorPicture, SessionEnded, StartSession, StopSession
from lab_server.cli import guest_seat
from lab_server.cli.live_table import Screen
from lab_server.cli.report import build, copy_json
from lab_server.cli.scorecards import scorecards
from lab_server.cli.told import told
from lab_server.config import Settings, load
from lab_server.i18n import Translator, translator
from lab_server.pbx import pbx_settings
from lab_server.report.gather import OPEN
from lab_server.report.model import SessionReport
from lab_server.store.engine import open_engine, writing
from lab_server.supervisor import Supervisor
from scenarios.load import library
from scenarios.schema import Scenario
from telephony.asterisk.tree import Tree
from telephony.bus import BusClient
from telephony.clock import Clock, SystemClock

AGENTS, CALLS = 6, 18
LARGEST_SEED = 2**63 - 1  # what a database keeps as a whole number
STOPPING_S = 10.0
"""So long the calls of a class that was stopped by hand may take to be hung up."""
SILENCE_S = 60.0
"""So long the brain may say nothing before we give the class up: restarts take a few seconds."""


def demo(
    *,
    me: Annotated[
        bool, typer.Option("--me", help="A seat for you among the robots: take calls in a browser on this machine.")
    ] = False,
    agents: Annotated[
        int | None, typer.Option(help=f"Robot students at work; default: {AGENTS}, with --me {guest_seat.AGENTS}.")
    ] = None,
    calls: Annotated[int | None, typer.Option(help=f"Callers; default: {CALLS}, with --me {guest_seat.CALLS}.")] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=LARGEST_SEED, help="The same seed gives the same callers, cases and truths.")
    ] = 7,
    lang: Annotated[str | None, typer.Option(help="zh-CN or en; default: the site's language.")] = None,
    scenario: Annotated[list[str] | None, typer.Option(help="Only these scenarios (again for several).")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the result as JSON to this file.")
    ] = None,
    browser: Annotated[
        bool, typer.Option(help="With --me: open the default browser, where there is a display.")
    ] = True,
) -> None:
    """Run a class of robot students against virtual callers, print the scorecards and write the report."""
    with told("demo"):
        settings = load(language=lang)
        numbers = NumberRanges(prefixes=settings.number_prefixes)
        usual = (guest_seat.AGENTS, guest_seat.CALLS) if me else (AGENTS, CALLS)
        robots, callers = (asked if asked is not None else usual[at] for at, asked in enumerate((agents, calls)))
        load_factor = guest_seat.LOAD if me else LOAD
        scenarios = _chosen(scenario or ())
        plan = ClassPlan(robots, callers, seed, settings.language, scenarios, numbers=numbers, load=load_factor)
        plan.check(settings.seats)
        if me:
            guest_seat.refuse_elsewhere(settings)
        if json_file is not None:
            _see_writable(json_file)
        try:
            code = asyncio.run(_run(settings, plan, json_file, SystemClock(), me=me, browser=browser))
        except asyncio.CancelledError:
            typer.echo("ringside demo: told to stop before the class began", err=True)
            code = 1
    raise typer.Exit(code)


def _chosen(names: Sequence[str]) -> tuple[Scenario, ...]:
    known = library()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise LaunchError("scenarios", f"there is no scenario {', '.join(unknown)}; there are {', '.join(known)}")
    return tuple(known[name] for name in names or known)


def _see_writable(json_file: Path) -> None:
    """Said before the class, not after it."""
    try:
        if json_file.is_dir():
            raise IsADirectoryError(EISDIR, strerror(EISDIR))
        json_file.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=json_file.parent):
            return
    except OSError as error:
        refusal = f"--json {json_file} cannot be written ({error.strerror}): name another file"
        raise LaunchError("json", refusal) from error


async def _run(
    settings: Settings,
    plan: ClassPlan,
    json_file: Path | None,
    clock: Clock,
    *,
    me: bool = False,
    browser: bool = False,
) -> int:
    words = translator(plan.language)
    console = Console()
    task = asyncio.current_task()
    if task is not None:  # told to stop, the class ends as by Ctrl-C, and with it every process of it
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with console.status(words.gettext("Getting ready: tables, voices, prompts …")):
        prepared = await asyncio.to_thread(prepare, settings, clock)
    await asyncio.to_thread(guest_seat.get_up, settings, clock, prepared.site_id)
    supervisor = Supervisor(settings, clock, web=me)
    with console.status(words.gettext("Starting the switch …")):
        await supervisor.start()
    try:
        session_id, key = await asyncio.to_thread(_launch, settings, plan, prepared, clock, words if me else None)
        if me:
            await guest_seat.invite(settings, key, words, console, clock, show=browser)
        ended = await _watch(settings, session_id, words, console, clock)
    finally:
        await supervisor.stop()
        await asyncio.to_thread(guest_seat.get_up, settings, clock, prepared.site_id)
    report, paths = build(settings, session_id)
    if json_file is not None:
        copy_json(report, paths.html.parent, json_file)
    console.print(scorecards(report, words))
    console.print(words.gettext("Report: %s") % paths.html, soft_wrap=True, highlight=False)
    if me and ended is not None and ended.why == _by_hand(words):
        console.print(words.gettext("You have ended the class."))
        return 0
    if ended is None or ended.status != "ended":
        why = ended.why if ended is not None else words.gettext("the class gave no sign of life any more")
        console.print(words.gettext("The class was cut short: %s") % why, style="red")
        return 1
    return 0 if all_defined(report, plan.calls) else 1


def _by_hand(words: Translator) -> str:
    return words.gettext("it was stopped by hand")


def all_defined(report: SessionReport, planned: int) -> bool:
    """Whether every planned call was made and ended in a defined way: none is open, none broke."""
    return len(report.calls) >= planned and not any(call.outcome in {OPEN, "broken"} for call in report.calls)


def _launch(
    settings: Settings, plan: ClassPlan, prepared: Prepared, clock: Clock, words: Translator | None = None
) -> tuple[str, str]:
    """The session, and the key of the link to the guest's seat: with `words` there is one."""
    now = clock.utc().astimezone(settings.zone)
    seats = settings.seat_numbers[: plan.agents]
    version = ".".join(str(part) for part in Tree(pbx_settings(settings).tree).version())
    engine = open_engine(settings.database)
    try:
        with writing(engine) as session:
            seat_robots(session, clock, prepared.site_id, seats)
            key = guest_seat.sit(session, clock, prepared.site_id, words, seats) if words is not None else ""
            session_id = launch(
                session, plan, draw(plan, now.date()), seats, name=f"demo {now:%Y-%m-%d %H:%M}",
                site_id=prepared.site_id, now=now, engines={"asterisk": version, **prepared.engines},
            )  # fmt: skip
            return session_id, key
    finally:
        engine.dispose()


async def _watch(
    settings: Settings, session_id: str, words: Translator, console: Console, clock: Clock
) -> SessionEnded | None:
    """Show the live table until the class is over; None if nothing was heard for too long.

    Stopped by hand, it still waits for the calls to be hung up, so that what was done is graded and reported.
    """
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
        screen = Screen(console, words, clock)
        with screen:
            while not over.done() and clock.monotonic() - heard_s < SILENCE_S:
                if shown:
                    screen.show(shown[-1])
                await asyncio.wait({over}, timeout=0.25)
        return over.result() if over.done() else None
    except asyncio.CancelledError:
        await bus.send("brain", StopSession(session=session_id))
        await asyncio.wait({over}, timeout=STOPPING_S)
        return SessionEnded(session=session_id, status="broken", why=_by_hand(words))
    finally:
        await bus.close(flush_s=1.0)
