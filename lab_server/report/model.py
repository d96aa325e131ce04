"""What a session's report says, and the JSON of it: the contract of `ringside demo --json`.

Times are UTC, durations and places in recordings are seconds. Paths are relative to the folder of the JSON file (or
absolute until the report is written); `relative_to` moves them to another folder.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from datasets.language import Language


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SessionPart(_Part):
    """Which session it was. `time_zone`: the site's, in which the report shows its times."""

    id: str
    name: str = ""
    site: str = ""
    language: Language = "zh-CN"
    seed: int | None = None
    status: str = "ended"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    time_zone: str = "UTC"


class EnginePart(_Part):
    """What it ran on: name and version of the switch and of the voice, and why that voice was taken."""

    asterisk: str = ""
    speech: str = ""
    speech_reason: str = ""


class RecordingPart(_Part):
    """The two sides of a call, 8 kHz mono wav; None where there is none. The caller's is the clock of every clip."""

    caller: str | None = None
    agent: str | None = None


class LegPart(_Part):
    """One leg. `offset_s`: where on the caller's recording this leg's own begins."""

    name: str
    role: str
    number: str = ""
    agent: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: str = ""
    recording: str | None = None
    offset_s: float = 0.0


class LinePart(_Part):
    """One line of a scorecard, as `grading.line.Line` has it; `title` is in the session's language."""

    item: str
    title: str = ""
    kind: str = ""
    expected: str
    found: str
    verdict: str
    reason: str = ""
    params: dict[str, str] = Field(default_factory=dict)
    told_at: float | None = None
    clip: tuple[float, float] | None = None
    points: float
    of: float
    consequential: bool = False
    critical: bool = False


class CallPart(_Part):
    """One call. `agent` is the seat that talked last, None if nobody answered; `wait_s` is the time in the queue.

    `ring_s`: from the ring at the agent's phone to its answer. `critical_failures`, `not_applicable`
    (what could not be graded): titles of items, in the session's language.
    """

    id: str
    scenario: str
    scenario_title: str = ""
    direction: Literal["in", "out"]
    caller_number: str
    caller_name: str = ""
    agent: str | None
    robot: bool = False
    profile: str = ""
    offered_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    wait_s: float | None = None
    ring_s: float | None = None
    talk_s: float | None = None
    hold_s: float | None = None
    wrap_s: float | None = None
    outcome: str
    ended_by: str = ""
    rating: int | None = None
    recording: RecordingPart = RecordingPart()
    legs: list[LegPart] = Field(default_factory=list)
    score: float | None = None
    raw_score: float | None = None
    passed: bool | None = None
    critical_failures: list[str] = Field(default_factory=list)
    not_applicable: list[str] = Field(default_factory=list)
    lines: list[LinePart] = Field(default_factory=list)


class AgentPart(_Part):
    """One student or robot at one seat. Means are over what there is; None if there is nothing."""

    seat: str
    name: str = ""
    robot: bool = False
    profile: str = ""
    calls: int = 0
    graded: int = 0
    passed: int = 0
    mean_score: float | None = None
    mean_rating: float | None = None
    mean_talk_s: float | None = None


class TotalsPart(_Part):
    """The session's figures. `mean_wait_s`: over answered calls (average speed of answer)."""

    calls: int = 0
    answered: int = 0
    unanswered: int = 0
    broken: int = 0
    graded: int = 0
    passed: int = 0
    mean_score: float | None = None
    mean_rating: float | None = None
    mean_wait_s: float | None = None
    longest_wait_s: float | None = None
    mean_talk_s: float | None = None


class SessionReport(_Part):
    """A whole session. `agents` and `totals` may be left empty: `completed` works them out from the calls."""

    session: SessionPart
    engine: EnginePart = EnginePart()
    calls: list[CallPart] = Field(default_factory=list)
    agents: list[AgentPart] = Field(default_factory=list)
    totals: TotalsPart = TotalsPart()

    def relative_to(self, folder: Path, other: Path) -> Self:
        """The same report with the paths, which were relative to `folder`, made relative to the folder `other`."""

        def moved(path: str | None) -> str | None:
            return (
                None if path is None else Path(os.path.relpath(folder.absolute() / path, other.absolute())).as_posix()
            )

        calls = [
            call.model_copy(
                update={
                    "recording": RecordingPart(caller=moved(call.recording.caller), agent=moved(call.recording.agent)),
                    "legs": [leg.model_copy(update={"recording": moved(leg.recording)}) for leg in call.legs],
                }
            )
            for call in self.calls
        ]
        return self.model_copy(update={"calls": calls})
