"""What keeps the pages from being served, each with what to do."""

from typing import ClassVar


class WebError(Exception):
    error_id: ClassVar[str] = "web"


class OpenToStrangersError(WebError):
    """The address can be reached from other machines, unencrypted, and nobody has said that this may be so."""

    error_id = "web.open_to_strangers"


class PortTakenError(WebError):
    """Another program listens there."""

    error_id = "web.port_taken"
