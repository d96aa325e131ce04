"""The report's fixed words in its language: verdicts, outcomes, profiles."""

from collections.abc import Sequence

from grading.reasons import REASONS, sentence
from lab_server.i18n import Translator
from lab_server.report.model import LinePart

MEASURES = frozenset({"answer_speed_s", "talk_s", "hold_s", "wrap_s", "rating"})
SYMBOLS = {"right": "✓", "wrong": "✗", "missing": "–", "not_asked": "?", "invented": "!"}


class Words:
    """Words for the codes of a report. A code that is not known is shown as it is."""

    def __init__(self, translator: Translator) -> None:
        self.translate = _ = translator.gettext
        self._verdicts = {
            "right": _("right"),
            "wrong": _("wrong"),
            "missing": _("missing"),
            "not_asked": _("not asked"),
            "invented": _("invented"),
        }
        self._targets = {"right": _("on target"), "wrong": _("off target")}
        self._outcomes = {
            "served": _("served"),
            "abandoned": _("gave up waiting"),
            "no_answer": _("no answer"),
            "busy": _("busy"),
            "refused": _("refused"),
            "nobody_free": _("nobody was free"),
            "stopped": _("stopped"),
            "broken": _("broken off"),
            "open": _("not ended"),
        }
        self._profiles = {
            "perfect": _("perfect"),
            "careless": _("careless"),
            "slow": _("slow"),
            "rude": _("rude"),
            "lost": _("lost"),
        }
        self._directions = {"in": _("incoming"), "out": _("outgoing")}
        self._enders = {
            "caller": _("ended by the caller"),
            "agent": _("ended by the agent"),
            "system": _("ended by the system"),
        }
        self._chinese = translator.language == "zh-CN"

    def verdict(self, line: LinePart) -> str:
        """The verdict in a word; times and ratings are on or off their target."""
        words = self._targets if line.kind in MEASURES else self._verdicts
        return words.get(line.verdict, line.verdict)

    def symbol(self, line: LinePart) -> str:
        """One sign for the verdict, so that no colour has to be told apart."""
        return SYMBOLS.get(line.verdict, "·")

    def reason(self, line: LinePart) -> str:
        """Why, in a sentence."""
        return sentence(line.reason, line.params, self.translate(REASONS.get(line.reason, line.reason)))

    def outcome(self, code: str) -> str:
        """How a call ended."""
        return self._outcomes.get(code, code)

    def profile(self, code: str) -> str:
        """How a robot behaves; empty for none."""
        return self._profiles.get(code, code)

    def direction(self, code: str) -> str:
        """Who called whom."""
        return self._directions.get(code, code)

    def ender(self, code: str) -> str:
        """Who hung up."""
        return self._enders.get(code, code)

    def listing(self, items: Sequence[str]) -> str:
        """Several things in a row."""
        return ("、" if self._chinese else ", ").join(items)

    def aside(self, text: str) -> str:
        """A remark in brackets, with the space before it that the language wants."""
        return f"（{text}）" if self._chinese else f" ({text})"

    def yes_no(self, value: bool) -> str:
        """Yes or no."""
        _ = self.translate
        return _("yes") if value else _("no")
