"""What the caller says next, apart from when: which line answers what, and what is left to tell."""

from collections.abc import Sequence

from scenarios.plans import PlannedLine
from scenarios.schema import LineRole


class Script:
    """The lines of one call and which of them were said."""

    def __init__(self, lines: Sequence[PlannedLine]) -> None:
        self._lines = tuple(lines)
        self._said: list[PlannedLine] = []

    def mark_said(self, line: PlannedLine) -> None:
        """The line is on its way to the other side."""
        self._said.append(line)

    def unsay(self, line_id: str) -> PlannedLine | None:
        """The line was not said after all; None if it was not on its way."""
        for index in reversed(range(len(self._said))):
            if self._said[index].id == line_id:
                return self._said.pop(index)
        return None

    def role(self, role: LineRole) -> PlannedLine:
        """The line of that role."""
        return next(line for line in self._lines if line.role == role)

    def has_said(self, role: LineRole) -> bool:
        """Whether a line of that role was said."""
        return any(line.role == role for line in self._said)

    @property
    def untold(self) -> int:
        """How many facts were not told yet."""
        known = {key for line in self._lines for key in line.facts}
        return len(known - {key for line in self._said for key in line.facts})

    def opening(self) -> list[PlannedLine]:
        """Why it rings; nothing once that has been said."""
        return [] if self.has_said(LineRole.OPENING) else self._with_additions(self.role(LineRole.OPENING))

    def answers(self, intent: str) -> list[PlannedLine]:
        """What there is to tell; the same again, shorter, if it has all been told; else that it does not know."""
        answers = [line for line in self._lines if intent in line.answers]
        fresh = [line for line in answers if line not in self._said]
        if fresh:
            return [spoken for line in fresh for spoken in self._with_additions(line)]
        return [spoken for line in answers for spoken in self._repeat(line)] or [self.role(LineRole.PUZZLED)]

    def next_untold(self) -> list[PlannedLine]:
        """The next answer in the script's order, asked for or not; nothing when all were given."""
        for line in self._lines:
            if line.role == LineRole.ANSWER and line.answers and line not in self._said:
                return self._with_additions(line)
        return []

    def _with_additions(self, line: PlannedLine) -> list[PlannedLine]:
        return [line, *(addition for addition in self._lines if addition.follows == line.id)]

    def _repeat(self, line: PlannedLine) -> list[PlannedLine]:
        """Who has changed its mind must not end on what it said at first: the change is said again too, or alone."""
        said = {one.id: one for one in self._said if one.follows}
        changes = [one for one in said.values() if set(one.facts) & set(line.facts)]
        if changes and set(line.facts) <= {key for change in changes for key in change.facts}:
            return changes
        shorter = next((one for one in self._lines if one.id == line.again), line)
        return [shorter, *changes]
