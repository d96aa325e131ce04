"""What can be wrong with a scenario, said so that its author can repair it."""

from dataclasses import dataclass
from typing import ClassVar


class ScenarioError(Exception):
    """Any refusal of this folder."""

    error_id: ClassVar[str] = "scenario"


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one file: `line` counts from 1 (0: the file as a whole), `field` is a dotted path."""

    file: str
    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.reason}"


class ScenarioFileError(ScenarioError):
    """A scenario file is refused, with everything found wrong in it, not only the first."""

    error_id: ClassVar[str] = "scenario_file_wrong"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class UnknownScenarioError(ScenarioError):
    """No scenario of that name is in the library."""

    error_id: ClassVar[str] = "scenario_unknown"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no scenario {name!r}; the library has: {', '.join(known)}")
        self.name = name


class PlanError(ScenarioError):
    """A caller's or a robot's plan cannot be carried out: a sound or an entry is missing."""

    error_id: ClassVar[str] = "plan_wrong"


class DrawError(ScenarioError):
    """A case cannot be drawn as asked (a language the scenario does not have, a negative index)."""

    error_id: ClassVar[str] = "draw_wrong"
