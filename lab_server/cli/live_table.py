"""The class while it runs, as a table in the terminal."""

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lab_server.classroom.messages import AgentPicture, FloorPicture
from lab_server.i18n import Translator

COLOURS = {"ready": "green", "ringing": "yellow", "talking": "cyan", "wrap_up": "magenta"}


def live_table(picture: FloorPicture, words: Translator) -> RenderableType:
    """Calls waiting, ringing, talking, done; how far the class is; what each agent does."""
    _ = words.gettext
    calls = Table(expand=True)
    for title in (_("To come"), _("Waiting"), _("Ringing"), _("Talking"), _("Done"), _("Graded")):
        calls.add_column(title, justify="right")
    calls.add_row(
        *(str(max(0, count)) for count in (
            picture.planned, picture.waiting, picture.ringing, picture.talking, picture.ended, picture.graded,
        ))
    )  # fmt: skip
    agents = Table(expand=True)
    for title in (_("Seat"), _("State"), _("For")):
        agents.add_column(title)
    for agent in picture.agents:
        agents.add_row(_seat(agent, words), _state(agent, words), f"{agent.since_s:.0f} s")
    bar = ProgressBar(total=max(1, picture.cases), completed=picture.ended)
    head = Text(f"{_status(picture, words)}  {picture.elapsed_s:.0f} s  {picture.ended}/{picture.cases}")
    return Group(head, bar, calls, agents)


def _status(picture: FloorPicture, words: Translator) -> str:
    _ = words.gettext
    if picture.status == "preparing":
        return _("Speaking the callers' lines: %s") % (picture.note or "…")
    return {"running": _("The class is running"), "grading": _("Writing down and grading")}.get(
        picture.status, picture.status
    )


def _seat(agent: AgentPicture, words: Translator) -> str:
    return f"{agent.seat} ({words.gettext('robot')})" if agent.robot else agent.seat


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
    return Text(names.get(agent.state, agent.state), style=COLOURS.get(agent.state, ""))
