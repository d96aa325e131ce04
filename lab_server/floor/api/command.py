"""What every command is made of. A field that is not known is refused."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _printable(text: str) -> str:
    """On one line, and nothing in it that cannot be seen: no database and no log is told of a NUL or a line break."""
    if not text.isprintable():
        raise ValueError("only what can be seen, on one line, can be taken")
    return text


ContactId = Annotated[str, StringConstraints(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
SeatNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,6}$")]
Number = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{2,20}$")]
LegName = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,12}(-[0-9]{1,4})?$")]
RowId = ContactId
Text = Annotated[str, StringConstraints(max_length=80, strip_whitespace=True)]
Printable = AfterValidator(_printable)
Name = Annotated[str, StringConstraints(min_length=1, max_length=40), Printable]


class Command(BaseModel):
    """Any command."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OnContact(Command):
    """A command on one contact that is on the line."""

    contact: ContactId
