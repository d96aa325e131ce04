"""Who takes part: the session's cases, and which attempt (contact) belongs to which of them."""

import asyncio
import random
from dataclasses import dataclass, field

from scenarios.case import Case
from scenarios.profiles import ProfileName
from scenarios.schema import Scenario
from simulator.floor import Ending

CALLED_BACK_FROM = 101
"""Attempts numbered from here are calls to the customer that agents placed, not its own."""


@dataclass
class Attempt:
    """One ringing of a case.

    `lines_final`: the caller's worker has said its last word, so all told facts are known. `known_ending`: how it ended
    according to the rows, for one that a brain before us left unsettled.
    """

    contact: str
    case: Case
    case_id: str
    number: int
    live: bool = True
    seat: str | None = None
    served: bool = False
    lines_final: bool = False
    ending: str | None = None
    known_ending: Ending | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        if not self.live:
            self.over.set()

    @property
    def called_back(self) -> bool:
        return self.number >= CALLED_BACK_FROM


@dataclass(frozen=True)
class Robot:
    """A robot student at a seat; `profile` says which mistakes it makes."""

    seat: str
    user_id: str
    profile: ProfileName


@dataclass
class Roll:
    """Everything the running session's parts look up; built from rows, so a restarted brain has the same.

    `for_seat`: where its callers wish to be answered; empty: by anybody.
    """

    session: str
    seed: int
    scenarios: dict[str, Scenario] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    robots: dict[str, Robot] = field(default_factory=dict)
    stopped: bool = False
    for_seat: str = ""
    attempts: dict[str, Attempt] = field(default_factory=dict)

    def attempt(self, contact: str) -> Attempt | None:
        return self.attempts.get(contact)

    def session_of(self, contact: str) -> str | None:
        return self.session if contact in self.attempts else None

    def chance(self, contact: str, purpose: str) -> random.Random:
        """Chance for one purpose in one contact: the same case and attempt always roll the same, whoever asks first."""
        attempt = self.attempts[contact]
        return random.Random(f"{self.seed}/{attempt.case.index}/{attempt.number}/{purpose}")  # noqa: S311 (a class, no lock)
