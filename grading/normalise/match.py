"""How well something written down fits what was meant."""

from pydantic import BaseModel, ConfigDict, Field


class Match(BaseModel):
    """`share` of the points earned, 1.0 only if it is right; `reason`: a code of `grading.reasons` with `params`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float = Field(ge=0, le=1)
    reason: str
    params: dict[str, str] = {}

    @property
    def right(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.share == 1


SAME = Match(share=1, reason="same")
DIFFERENT = Match(share=0, reason="different")


def same_if(right: bool) -> Match:
    """All or nothing."""
    return SAME if right else DIFFERENT


def unreadable(found: str) -> Match:
    """`found` is not of the kind that the field asks for."""
    return Match(share=0, reason="unreadable", params={"found": found})
