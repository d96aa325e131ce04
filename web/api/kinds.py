"""What the API's models are made of: ids, moments, limits, lists, and the one shape of a refusal."""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from lab_server.store.tables import Mode

T = TypeVar("T")

Id = Annotated[str, StringConstraints(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
Version = Annotated[int, Field(ge=0, lt=2**31)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Values = Annotated[dict[Annotated[str, StringConstraints(max_length=64)], str], Field(max_length=200)]

_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)


def _sensible(moment: datetime) -> datetime:
    """Far from the calendar's ends a time could not even be told in UTC."""
    if not _FIRST <= moment <= _LAST:
        raise ValueError("expected a time between 1970 and 2199")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_sensible)]

Most = Annotated[int, Query(ge=1, le=100, description="So many at the most.")]
Skip = Annotated[int, Query(ge=0, le=10_000, description="Without the first so many.")]
InMode = Annotated[Mode, Query(description="Records of classes, or of service: neither knows the other's.")]
Asked = Annotated[str, Query(max_length=200)]


class Body(BaseModel):
    """What is sent. A field that is not known is refused, so that a misspelt one is never silently left out."""

    model_config = ConfigDict(extra="forbid")


class Listed(BaseModel, Generic[T]):
    """Some of a list, in its order. `more`: there are others after these."""

    items: tuple[T, ...]
    more: bool = False


class Done(BaseModel):
    """It is so."""

    done: bool = True


class Failure(BaseModel):
    """Why not. `error` is an id that stays, `message` a sentence for people, `details` what a program can work with:
    the conflicts of an edit, the faults of a form."""

    error: str
    message: str = ""
    details: list[Any] = []


def listed(found: tuple[T, ...] | list[T], most: int) -> Listed[T]:
    """`found` holds one more than was asked for if there are others."""
    return Listed(items=tuple(found[:most]), more=len(found) > most)
