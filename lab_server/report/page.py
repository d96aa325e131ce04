"""The page of a report: everything in one file, laid out for the screen and for paper."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from lab_server.i18n import Translator
from lab_server.report.charts import figures
from lab_server.report.model import CallPart, SessionReport
from lab_server.report.sounds import Sounds
from lab_server.report.words import Words

_TEMPLATES = Path(__file__).parent / "templates"


def render(report: SessionReport, sounds: Sounds, translator: Translator) -> str:
    """The HTML. Whatever the session's data says is escaped; what runs is only our own script and plotly's."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    charts = figures(report, translator)
    numbers = {call.id: number for number, call in enumerate(report.calls, start=1)}
    return environment.get_template("report.html").render(
        report=report,
        _=translator.gettext,
        words=Words(translator),
        show=Shown(translator, ZoneInfo(report.session.time_zone)),
        charts=charts,
        plotly=Markup(get_plotlyjs()) if charts else "",  # noqa: S704 (the installed library itself, not data)
        sounds=sounds,
        calls_of=_calls_of(report),
        anchors={agent.seat: f"student-{position}" for position, agent in enumerate(report.agents, start=1)},
        numbers=numbers,
    )


def _calls_of(report: SessionReport) -> Mapping[str | None, list[CallPart]]:
    """Calls by seat; None for those nobody answered."""
    by_seat: dict[str | None, list[CallPart]] = {None: []}
    for agent in report.agents:
        by_seat[agent.seat] = []
    for call in report.calls:
        by_seat.setdefault(call.agent, []).append(call)
    return by_seat


class Shown:
    """How values are written: a dash for what there is not."""

    def __init__(self, translator: Translator, zone: ZoneInfo) -> None:
        self._translator = translator
        self._zone = zone

    def time(self, moment: datetime | None) -> str:
        """A time of day in the site's zone."""
        return "–" if moment is None else self._translator.time(moment, self._zone)

    def moment(self, moment: datetime | None) -> str:
        """Date and time in the site's zone."""
        return "–" if moment is None else self._translator.moment(moment, self._zone)

    def seconds(self, duration_s: float | None) -> str:
        """`7.3 s`, or `2:05` from a minute on."""
        if duration_s is None:
            return "–"
        if duration_s >= 60:
            return self._translator.seconds(duration_s)
        return self._translator.gettext("%s s") % f"{duration_s:.1f}"

    def place(self, at_s: float | None) -> str:
        """A place in a recording, `0:07`."""
        return "–" if at_s is None else self._translator.seconds(int(at_s))

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with so many decimals."""
        return "–" if value is None else self._translator.number(value, digits)

    def points(self, value: float) -> str:
        """Points, without decimals where there are none."""
        return f"{value:.2f}".rstrip("0").rstrip(".")

    def share(self, part: int, whole: int) -> str:
        """`5/6`."""
        return f"{part}/{whole}"

    def band(self, score: float | None, passed: bool | None) -> str:
        """The class of a score: passed, failed, or none."""
        if score is None or passed is None:
            return "none"
        return "passed" if passed else "failed"
