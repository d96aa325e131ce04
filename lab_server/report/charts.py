"""The report's charts as plotly figures (plain data: `{"data": [...], "layout": {...}}`), in the report's language."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from lab_server.i18n import Translator
from lab_server.report.model import AgentPart, CallPart, SessionReport
from lab_server.report.words import Words

Figure = dict[str, Any]
WAITING, TALKING, HELD, WRAP, LOST, PASSED, FAILED = (
    "#e0a030", "#2f6fb0", "#9a7fc0", "#b9c4d0", "#c2453b", "#2e8b57", "#c2453b",
)  # fmt: skip
_ROOMY_SEATS = 8
"""So many seats have room for what stands below their numbers."""
_FONT = {"family": "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif", "size": 12}


def figures(report: SessionReport, translator: Translator) -> dict[str, Figure]:
    """Each chart by its name; none for a session without calls."""
    if not report.calls:
        return {}
    zone = ZoneInfo(report.session.time_zone)
    charts = {
        "over_time": over_time(report.calls, zone, translator),
        "waits": waits(report.calls, translator),
        "talks": talks(report.calls, translator),
    }
    if any(agent.graded for agent in report.agents):
        charts["scores"] = scores(report.agents, report.calls, translator)
    return charts


def over_time(calls: Sequence[CallPart], zone: ZoneInfo, translator: Translator) -> Figure:
    """How many callers waited and how many talked, at each moment."""
    _ = translator.gettext
    waiting = _steps(((begin, end) for begin, end in map(_waited, calls) if begin and end), zone)
    talking = _steps(((begin, end) for begin, end in map(_talked, calls) if begin and end), zone)
    begins = min(call.offered_at for call in calls).astimezone(zone).replace(tzinfo=None)
    layout = _layout(_("Time"), _("Calls at once"))
    layout["xaxis"] |= {"type": "date", "tickformat": "%H:%M:%S", "range": [begins.isoformat(), _last(calls, zone)]}
    layout["yaxis"] |= {"dtick": 1 if max((*waiting[1], *talking[1], 0)) <= 8 else None}
    return {"data": [_area(_("talking"), talking, TALKING), _area(_("waiting"), waiting, WAITING)], "layout": layout}


def waits(calls: Sequence[CallPart], translator: Translator) -> Figure:
    """Each caller's time in the queue, in the order of arrival."""
    _ = translator.gettext
    there = [(number, call) for number, call in enumerate(calls, start=1) if call.wait_s is not None]
    answered = [(number, call.wait_s) for number, call in there if call.answered_at is not None]
    lost = [(number, call.wait_s) for number, call in there if call.answered_at is None]
    data = [_bars(_("answered"), answered, TALKING), _bars(_("not answered"), lost, LOST)]
    layout = _layout(_("Call no."), _("Wait (s)"))
    _number_calls(layout, calls)
    return {"data": [bars for bars in data if bars["x"]], "layout": layout}


def talks(calls: Sequence[CallPart], translator: Translator) -> Figure:
    """Each answered call's talk, hold and wrap-up time."""
    _ = translator.gettext
    there = [(number, call) for number, call in enumerate(calls, start=1) if call.talk_s is not None]
    data = [
        _bars(_("talk"), [(number, call.talk_s) for number, call in there], TALKING),
        _bars(_("hold"), [(number, call.hold_s or 0) for number, call in there if call.hold_s], HELD),
        _bars(_("wrap-up"), [(number, call.wrap_s or 0) for number, call in there if call.wrap_s], WRAP),
    ]
    layout = _layout(_("Call no."), _("Seconds")) | {"barmode": "stack"}
    _number_calls(layout, calls)
    return {"data": [bars for bars in data if bars["x"]], "layout": layout}


def scores(agents: Sequence[AgentPart], calls: Sequence[CallPart], translator: Translator) -> Figure:
    """Each student's mean, and a mark for every call."""
    _ = translator.gettext
    graded = [agent for agent in agents if agent.mean_score is not None]
    roomy = len(graded) <= _ROOMY_SEATS
    labels = {agent.seat: seat_label(agent, translator) if roomy else agent.seat for agent in graded}
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": _("mean"),
            "x": list(labels.values()),
            "y": [agent.mean_score for agent in graded],
            "marker": {"color": "#c9d8e8"},
            "hovertemplate": "%{y:.1f}<extra></extra>",
        }
    ]
    for name, passed, colour, symbol in ((_("passed"), True, PASSED, "circle"), (_("failed"), False, FAILED, "x")):
        marked = [
            (labels[call.agent], call.score)
            for call in calls
            if call.agent in labels and call.score is not None and bool(call.passed) is passed
        ]
        if marked:
            data.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": name,
                    "x": [label for label, _score in marked],
                    "y": [score for _label, score in marked],
                    "marker": {"color": colour, "symbol": symbol, "size": 9},
                    "hovertemplate": "%{y:.1f}<extra></extra>",
                }
            )
    layout = _layout(_("Student"), _("Score"))
    layout["xaxis"] |= {"type": "category", "tickangle": 0 if roomy else "auto"}
    layout["yaxis"] |= {"range": [-3, 105]}
    return {"data": data, "layout": layout}


def seat_label(agent: AgentPart, translator: Translator) -> str:
    """The seat, and in lines below it the student's name, or that it is a robot and of what kind."""
    _ = translator.gettext
    below = [_("robot"), Words(translator).profile(agent.profile)] if agent.robot else [agent.name]
    # plotly reads a few tags in labels: names may not bring any
    return "<br>".join((agent.seat, *(escape(line) for line in below if line)))


def _number_calls(layout: Figure, calls: Sequence[CallPart]) -> None:
    """The same axis for each chart of calls, with every number on it while there is room."""
    layout["xaxis"] |= {"range": [0.4, len(calls) + 0.6]}
    if len(calls) <= 25:
        layout["xaxis"] |= {"dtick": 1}


def _waited(call: CallPart) -> tuple[datetime | None, datetime | None]:
    if call.wait_s is None:
        return None, None
    end = call.answered_at or call.ended_at
    return (end - timedelta(seconds=call.wait_s), end) if end else (None, None)


def _talked(call: CallPart) -> tuple[datetime | None, datetime | None]:
    """While an agent was busy with it: a caller who rates the call afterwards talks to nobody."""
    if call.answered_at is None or call.talk_s is None:
        return call.answered_at, call.ended_at
    return call.answered_at, call.answered_at + timedelta(seconds=call.talk_s + (call.hold_s or 0))


def _steps(spans: Iterable[tuple[datetime, datetime]], zone: ZoneInfo) -> tuple[list[str], list[int]]:
    changes: dict[datetime, int] = {}
    for begin, end in spans:
        changes[begin] = changes.get(begin, 0) + 1
        changes[end] = changes.get(end, 0) - 1
    times, counts, count = [], [], 0
    for moment in sorted(changes):
        count += changes[moment]
        times.append(moment.astimezone(zone).replace(tzinfo=None).isoformat())
        counts.append(count)
    return times, counts


def _last(calls: Sequence[CallPart], zone: ZoneInfo) -> str:
    last = max(moment for call in calls for moment in (call.offered_at, call.ended_at) if moment is not None)
    return last.astimezone(zone).replace(tzinfo=None).isoformat()


def _area(name: str, steps: tuple[list[str], list[int]], colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": steps[0],
        "y": steps[1],
        "line": {"shape": "hv", "color": colour, "width": 2},
        "fill": "tozeroy",
        "fillcolor": colour + "40",
        "hovertemplate": "%{x|%H:%M:%S}  %{y}",
    }


def _bars(name: str, values: Sequence[tuple[int, float | None]], colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "x": [number for number, _value in values],
        "y": [value for _number, value in values],
        "marker": {"color": colour},
        "hovertemplate": "#%{x}: %{y:.1f} s",
    }


def _layout(x: str, y: str) -> dict[str, Any]:
    axis = {"gridcolor": "#e8ecf1", "zerolinecolor": "#c8d0d9", "automargin": True, "fixedrange": True}
    return {
        "font": _FONT,
        "height": 260,
        "margin": {"l": 48, "r": 12, "t": 8, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {**axis, "title": {"text": x, "standoff": 8}},
        "yaxis": {**axis, "title": {"text": y, "standoff": 8}, "rangemode": "tozero"},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        "bargap": 0.25,
        "showlegend": True,
    }
