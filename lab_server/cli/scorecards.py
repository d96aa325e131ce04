"""The class's result as a table in the terminal."""

from rich.table import Table
from rich.text import Text

from lab_server.i18n import Translator
from lab_server.report.model import CallPart, SessionReport


def scorecards(report: SessionReport, words: Translator) -> Table:
    """A row a call: who rang, who answered, how long, the score and what was not right."""
    _ = words.gettext
    table = Table(title=_("Scorecards"))
    for title, right in (
        (_("Scenario"), False), (_("Caller"), False), (_("Seat"), False), (_("Wait"), True), (_("Talk"), True),
        (_("Outcome"), False), (_("Score"), True), (_("Passed"), False), (_("Not right"), False),
    ):  # fmt: skip
        table.add_column(title, justify="right" if right else "left")
    for call in report.calls:
        table.add_row(
            call.scenario_title,
            call.caller_name,
            call.agent or "–",
            _seconds(call.wait_s),
            _seconds(call.talk_s),
            _outcome(call.outcome, words),
            "–" if call.score is None else f"{call.score:.0f}",
            _passed(call, words),
            ", ".join(line.title for line in call.lines if line.verdict != "right" and not line.consequential),
        )
    return table


def _outcome(outcome: str, words: Translator) -> str:
    _ = words.gettext
    return {
        "served": _("served"),
        "abandoned": _("gave up"),
        "no_answer": _("no answer"),
        "busy": _("busy"),
        "refused": _("refused"),
        "nobody_free": _("nobody free"),
        "stopped": _("stopped"),
        "broken": _("broken"),
    }.get(outcome, outcome)


def _passed(call: CallPart, words: Translator) -> Text:
    if call.passed is None:
        return Text("–")
    return Text(words.gettext("yes"), style="green") if call.passed else Text(words.gettext("no"), style="red")


def _seconds(duration_s: float | None) -> str:
    return "–" if duration_s is None else f"{duration_s:.0f} s"
