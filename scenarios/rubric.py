"""What a call is graded by: items, their points, and the bands that turn a measure into a share of them."""

from typing import Literal, Self

from pydantic import Field, model_validator

from scenarios.facts import Frozen, Localised

Measure = Literal["answer_speed_s", "talk_s", "hold_s", "wrap_s", "rating"]


class Band(Frozen):
    """A measure of at most `upto` earns `share` of the points; bands are read in ascending order, past the last is 0.

    Seconds for times. The caller's rating goes from 1 (bad) to 5 (good); a call without a rating drops the item.
    """

    upto: float
    share: float = Field(ge=0, le=1)


class RubricItem(Frozen):
    """One line of a scorecard. A `field` item is earned by a right record, a `measure` item by its bands.

    A `critical` item that is wrong, missing, not asked or invented fails the call; the raw score is kept beside it.
    """

    key: str
    title: Localised
    kind: Literal["field", "measure"]
    field: str = ""
    measure: Measure | None = None
    points: int = Field(gt=0)
    critical: bool = False
    bands: tuple[Band, ...] = ()
    depends_on: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.kind == "field" and (not self.field or self.measure is not None or self.bands):
            raise ValueError("a field item names its field and has neither measure nor bands")
        if self.kind == "measure" and (self.measure is None or not self.bands or self.field):
            raise ValueError("a measure item names its measure and its bands, and no field")
        if [band.upto for band in self.bands] != sorted({band.upto for band in self.bands}):
            raise ValueError("bands must go upwards, each limit once")
        return self

    def share(self, measured: float) -> float:
        """The share of the points a measured value earns, 0 to 1."""
        return next((band.share for band in self.bands if measured <= band.upto), 0.0)


class Rubric(Frozen):
    """All items of a scorecard; `pass_mark` is in per cent of the points that count."""

    items: tuple[RubricItem, ...] = Field(min_length=1)
    pass_mark: float = Field(ge=0, le=100)

    @model_validator(mode="after")
    def _has_each_key_once(self) -> Self:
        keys = [item.key for item in self.items]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"items appear twice: {', '.join(twice)}")
        return self
