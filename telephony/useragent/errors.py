"""What can go wrong in a worker, each with what to do next."""

from typing import ClassVar


class UserAgentError(Exception):
    """Base of every error of the callers' and robots' phones."""

    error_id: ClassVar[str] = "useragent"


class PlanError(UserAgentError):
    """A conversation's plan cannot be read."""

    error_id = "useragent-plan"


class LineFileError(UserAgentError):
    """A line's sound file cannot be played."""

    error_id = "useragent-line-file"


class SipAddressError(UserAgentError):
    """The SIP side could not be opened at the address that was asked for."""

    error_id = "useragent-sip-address"
