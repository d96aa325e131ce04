"""What can be asked of the floor, as data: `{"do": "hold", "contact": "01…"}`. A field that is not known is refused."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

ContactId = Annotated[str, StringConstraints(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
SeatNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,6}$")]
Number = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{2,20}$")]
LegName = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,12}(-[0-9]{1,4})?$")]
RowId = ContactId
Text = Annotated[str, StringConstraints(max_length=80, strip_whitespace=True)]


class Command(BaseModel):
    """Any command."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OnContact(Command):
    """A command on one contact that is on the line."""

    contact: ContactId


# -- a call at one's own desk -----------------------------------------------------------------------------------------


class Hold(OnContact):
    """The customer hears music."""

    do: Literal["hold"] = "hold"


class Resume(OnContact):
    """The customer hears the agent again."""

    do: Literal["resume"] = "resume"


class HangUp(OnContact):
    """The actor's own leg ends; the customer goes on to the rating, or with whoever else is in the talk."""

    do: Literal["hang_up"] = "hang_up"


class State(Command):
    """Agents, queues and lines as they are now; a student sees own contacts only."""

    do: Literal["state"] = "state"


AnyCommand = Annotated[Hold | Resume | HangUp | State, Field(discriminator="do")]
