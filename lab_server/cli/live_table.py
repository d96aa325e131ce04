"""The class while it runs: as a table in the terminal, or as a line now and then where there is no terminal."""

from types import TracebackType
from typing import Self

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lab_server.classroom.messages import AgentPicture, FloorPicture
from lab_server.i18n import Translator
from telephony.clock import Clock

COLOURS = {"ready": "green", "ringing": "yellow", "talking": "cyan", "wrap_up": "magenta"}
LINE_EVERY_S = 10.0
"""Where nothing can be drawn over (a log, a pipe): how often to say how far the class is."""


class Screen:
    """Shows picture after picture on `console` while it is entered."""

    def __init__(self, console: Console, words: Translator, clock: Clock) -> None:
        self._console, self._words, self._clock = console, words, clock
        waiting = Text(words.gettext("The class is about to begin …"))
        self._live = Live(waiting, console=console, refresh_per_second=4, transient=True)
        self._said_s = float("-inf")

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, picture: FloorPicture) -> None:
        """The floor as it is now."""
        if self._console.is_terminal:
            self._live.update(live_table(picture, self._words))
        elif self._clock.monotonic() - self._said_s >= LINE_EVERY_S:
            self._said_s = self._clock.monotonic()
            self._console.print(headline(picture, self._words), highlight=False)


def live_table(picture: FloorPicture, words: Translator) -> RenderableType:
    """How far the class is; calls to come, waiting, ringing, talking, done, graded; what each agent does."""
    bar = Padding(ProgressBar(total=max(1, picture.cases), completed=picture.ended), 0)  # a bar alone ends no line
    head = headline(picture, words)
    if picture.status == "preparing":
        return head
    agents = Columns([_agent(agent, words) for agent in picture.agents], equal=True, padding=(0, 2))
    return Group(head, bar, _calls(picture, words), Padding(agents, (1, 0, 0, 1)))


def headline(picture: FloorPicture, words: Translator) -> Text:
    """In one line: what the class is at, since when, and how far."""
    _ = words.gettext
    if picture.status == "preparing":
        return Text(_("Speaking the callers' lines: %s") % (picture.note or "…"))
    status = {"running": _("The class is running"), "grading": _("Writing down and grading")}.get(picture.status)
    done = _("%(done)s of %(all)s calls done") % {"done": picture.ended, "all": picture.cases}
    return Text.assemble((status or picture.status, "bold"), f"  {words.seconds(picture.elapsed_s)}  {done}")


def _calls(picture: FloorPicture, words: Translator) -> Table:
    _ = words.gettext
    counts = (
        (_("To come"), picture.planned, ""),
        (_("Waiting"), picture.waiting, "red"),
        (_("Ringing"), picture.ringing, COLOURS["ringing"]),
        (_("Talking"), picture.talking, COLOURS["talking"]),
        (_("Done"), picture.ended, "green"),
        (_("Graded"), picture.graded, "green"),
    )
    calls = Table(expand=True)
    for title, _count, _colour in counts:
        calls.add_column(title, justify="right", ratio=1)
    calls.add_row(*(Text(str(max(0, count)), f"bold {colour}" if count > 0 else "dim") for _t, count, colour in counts))
    return calls


def _agent(agent: AgentPicture, words: Translator) -> Table:
    """The seat, what its agent does and for how long, in one line of fixed columns."""
    line = Table.grid(padding=(0, 1))
    line.add_column(min_width=5, style="bold")
    line.add_column(min_width=11)
    line.add_column(min_width=5, justify="right", style="dim")
    line.add_row(agent.seat, _state(agent, words), words.seconds(agent.since_s))
    return line


def _state(agent: AgentPicture, words: Translator) -> Text:
    _ = words.gettext
    names = {
        "offline": _("offline"),
        "ready": _("ready"),
        "not_ready": _("not ready"),
        "ringing": _("ringing"),
        "talking": _("talking"),
        "wrap_up": _("wrap-up"),
    }
    return Text(f"● {names.get(agent.state, agent.state)}", style=COLOURS.get(agent.state, "dim"))
