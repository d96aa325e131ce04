"""The class's result as a table in the terminal."""

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lab_server.i18n import Translator
from lab_server.report.model import CallPart, SessionReport
from lab_server.report.words import Words


def scorecards(report: SessionReport, translator: Translator) -> RenderableType:
    """A row a call: who rang, who answered, how long, the score and what was not right; below it the class's means."""
    _, words = translator.gettext, Words(translator)
    table = Table(title=_("Scorecards"), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for title, right, folds in (
        (_("Scenario"), False, True), (_("Caller"), False, False), (_("Seat"), False, False), (_("Wait"), True, False),
        (_("Talk"), True, False), (_("Score"), True, False), (_("Not right"), False, True),
    ):  # fmt: skip
        table.add_column(title, justify="right" if right else "left", no_wrap=not folds, overflow="fold")
    for call in report.calls:
        table.add_row(
            call.scenario_title,
            call.caller_name,
            call.agent or "–",
            _seconds(call.wait_s),
            _seconds(call.talk_s),
            _score(call),
            _amiss(call, words),
        )
    return Group(table, _totals(report, translator))


def _totals(report: SessionReport, translator: Translator) -> Text:
    totals = report.totals
    sentence = translator.gettext(
        "%(calls)s calls, %(answered)s answered; %(passed)s of %(graded)s scorecards passed, mean score %(mean)s."
    )
    mean = "–" if totals.mean_score is None else translator.number(totals.mean_score, 1)
    return Text(
        sentence
        % {
            "calls": totals.calls,
            "answered": totals.answered,
            "passed": totals.passed,
            "graded": totals.graded,
            "mean": mean,
        },
        style="bold",
    )


def _amiss(call: CallPart, words: Words) -> Text:
    """How the call ended, if not as calls should; then what the scorecard finds wrong."""
    ended = [] if call.outcome == "served" else [words.outcome(call.outcome)]
    wrong = [line.title for line in call.lines if line.verdict != "right" and not line.consequential]
    return Text(words.listing(ended + wrong), style="red" if ended else "")


def _score(call: CallPart) -> Text:
    """The score, and a sign that says without its colour whether it is a pass."""
    if call.score is None:
        return Text("–")
    return Text(f"{call.score:.0f} ✓", style="green") if call.passed else Text(f"{call.score:.0f} ✗", style="red")


def _seconds(duration_s: float | None) -> str:
    return "–" if duration_s is None else f"{duration_s:.0f} s"
