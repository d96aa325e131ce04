"""What kinds of student a robot can play, as data."""

from typing import Literal

from pydantic import Field

from scenarios.facts import Frozen

ProfileName = Literal["perfect", "careless", "slow", "rude", "lost"]


class Profile(Frozen):
    """Times in seconds, chances 0 to 1. `wrap_s`: how long the form takes it after the call.

    `slip`: how likely a told fact is recorded wrongly, `forget`: not at all. `skip_ask`: how likely a question of the
    talk script is not asked. `invent`: how likely a fact that was never told is made up. `curt`: it speaks rudely and
    does not greet. `at_least`: mistakes it makes in each call for certain, if there is anything to get wrong.
    """

    name: ProfileName
    answer_after_s: float
    pause_s: float
    wrap_s: float
    curt: bool = False
    skip_ask: float = Field(default=0, ge=0, le=1)
    slip: float = Field(default=0, ge=0, le=1)
    forget: float = Field(default=0, ge=0, le=1)
    invent: float = Field(default=0, ge=0, le=1)
    at_least: int = 0


PROFILES: dict[ProfileName, Profile] = {
    profile.name: profile
    for profile in (
        Profile(name="perfect", answer_after_s=0.8, pause_s=0.0, wrap_s=3.0),
        Profile(name="careless", answer_after_s=1.2, pause_s=0.0, wrap_s=2.0, slip=0.3, forget=0.1, at_least=1),
        Profile(name="slow", answer_after_s=9.0, pause_s=1.0, wrap_s=4.0),
        Profile(name="rude", answer_after_s=1.5, pause_s=0.0, wrap_s=2.0, curt=True, skip_ask=0.3),
        Profile(name="lost", answer_after_s=2.0, pause_s=0.8, wrap_s=4.0, skip_ask=0.5, invent=0.5, forget=0.1),
    )
}
