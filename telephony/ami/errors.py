"""What can go wrong between us and Asterisk's manager interface."""

from typing import ClassVar


class AmiError(Exception):
    """Base of all; `action` says which one it was."""

    error_id: ClassVar[str] = "ami_error"

    def __init__(self, reason: str, *, action: str = "") -> None:
        self.reason = reason
        self.action = action
        super().__init__(f"AMI {action}: {reason}" if action else f"AMI: {reason}")


class AmiUnreachable(AmiError):  # noqa: N818 - the words are the field's own
    """No answer: Asterisk is down, restarting or frozen. The action may have been done or not: look, then repeat."""

    error_id = "ami_unreachable"


class AmiRefused(AmiError):  # noqa: N818
    """Asterisk said no, with `reason` as its message."""

    error_id = "ami_refused"


class AmiNotFound(AmiRefused):
    """The channel is not there (any more)."""

    error_id = "ami_not_found"


class AmiBadValue(AmiError):  # noqa: N818
    """A value that would not arrive as it is (a line break would start a new header): never sent."""

    error_id = "ami_bad_value"
