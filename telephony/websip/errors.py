"""Why something is not passed on to the switch."""

from typing import ClassVar


class WebSipError(Exception):
    error_id: ClassVar[str] = "websip"


class SipRefused(WebSipError):  # noqa: N818 - says what happened
    """A page said what no page of ours says, or what only another seat's may."""

    error_id = "websip.refused"


class SwitchAway(WebSipError):  # noqa: N818 - likewise
    """The switch takes no WebSocket now, or has closed it."""

    error_id = "websip.switch_away"
