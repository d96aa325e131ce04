"""What a command is answered with."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

BAD_COMMAND = "bad_command"
NO_RIGHT = "no_right"
NOT_YOURS = "not_yours"
SWITCH_AWAY = "switch_away"
FAILED = "failed"


class Answer(BaseModel):
    """`error` is empty when it was done, else a stable id for programs, with a sentence for people in `message`.

    After an error nothing has changed.
    """

    model_config = ConfigDict(frozen=True)

    error: str = ""
    message: str = ""
    result: dict[str, Any] = {}

    @property
    def ok(self) -> bool:
        return not self.error


def done(**result: Any) -> Mapping[str, Any]:
    """A command's result, for whoever writes one."""
    return result
