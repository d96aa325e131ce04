"""The scorecards as a table for a spreadsheet: a row a line, and a row for each call that has none."""

import csv
import io
from zoneinfo import ZoneInfo

from grading.reasons import REASONS, sentence
from lab_server.i18n import Translator
from lab_server.report.model import CallPart, LinePart, SessionReport
from lab_server.report.words import Words

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
Cell = str | float | int | None


def safe(cell: Cell) -> Cell:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def scorecards_csv(report: SessionReport, translator: Translator) -> str:
    """The whole table, with the byte order mark that Excel needs to see Chinese."""
    words = Words(translator)
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_titles(translator))
    zone = ZoneInfo(report.session.time_zone)
    for call in report.calls:
        lines: list[LinePart | None] = [*call.lines]
        for line in lines or [None]:
            cells = [*_call_cells(call, words, zone), *_line_cells(line, words)]
            writer.writerow([safe(cell) for cell in cells])
    return "\ufeff" + written.getvalue()


def _titles(translator: Translator) -> list[str]:
    _ = translator.gettext
    return [
        _("Call"), _("Time"), _("Scenario"), _("Direction"), _("Caller"), _("Number"), _("Seat"), _("Robot"),
        _("Outcome"), _("Wait (s)"), _("Talk (s)"), _("Wrap-up (s)"), _("Rating"), _("Score"), _("Raw score"),
        _("Passed"), _("Item"), _("Expected"), _("Recorded"), _("Verdict"), _("Why"), _("Said at (s)"),
        _("Clip from (s)"), _("Clip to (s)"), _("Points"), _("Of"), _("Counted"), _("Critical"),
    ]  # fmt: skip


def _call_cells(call: CallPart, words: Words, zone: ZoneInfo) -> list[Cell]:
    robot = words.profile(call.profile) or words.yes_no(True) if call.robot else words.yes_no(False)
    return [
        call.id, f"{call.offered_at.astimezone(zone):%Y-%m-%d %H:%M:%S}", call.scenario_title or call.scenario,
        words.direction(call.direction), call.caller_name, call.caller_number, call.agent or "",
        robot if call.agent else "", words.outcome(call.outcome), call.wait_s, call.talk_s, call.wrap_s, call.rating,
        call.score, call.raw_score, "" if call.passed is None else words.yes_no(call.passed),
    ]  # fmt: skip


def _line_cells(line: LinePart | None, words: Words) -> list[Cell]:
    if line is None:
        return [""] * 12
    begin, end = line.clip or (None, None)
    why = sentence(line.reason, line.params, words.translate(REASONS.get(line.reason, line.reason)))
    return [
        line.title or line.item, line.expected, line.found, words.verdict(line), why, line.told_at, begin, end,
        line.points, line.of, words.yes_no(not line.consequential), words.yes_no(line.critical),
    ]  # fmt: skip
