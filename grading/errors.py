"""What can keep a call from being graded."""

from typing import ClassVar


class GradingError(Exception):
    """Any refusal of this folder."""

    error_id: ClassVar[str] = "grading"


class RubricMismatchError(GradingError):
    """The rubric asks for a field that the truth's form does not have: the two are not from one scenario version."""

    error_id: ClassVar[str] = "rubric_mismatch"

    def __init__(self, item: str, field: str, scenario: str) -> None:
        super().__init__(
            f"item {item!r} grades the field {field!r}, which the form of {scenario!r} does not have: "
            "grade with the rubric frozen with the session"
        )
        self.item = item
        self.field = field
