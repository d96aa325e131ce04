"""What can go wrong between us and Asterisk's REST interface, one class for each thing the caller may do about it."""

from typing import ClassVar


class AriError(Exception):
    """Base of all; `method`, `path` and `status` say which request it was (status 0: no answer came)."""

    error_id: ClassVar[str] = "ari_error"

    def __init__(self, reason: str, *, method: str = "", path: str = "", status: int = 0) -> None:
        self.reason = reason
        self.method = method
        self.path = path
        self.status = status
        where = f"{method} {path}: " if method else ""
        code = f"{status} " if status else ""
        super().__init__(f"{where}{code}{reason}")


class AriUnreachable(AriError):  # noqa: N818 - the words are the field's own, as all through this folder
    """No answer: Asterisk is down, restarting or frozen. The request may have been done or not: ask, then repeat."""

    error_id = "ari_unreachable"


class AriReplaced(AriError):  # noqa: N818
    """Another program took over our application: this one must stop acting on its calls."""

    error_id = "ari_replaced"


class AriRefused(AriError):  # noqa: N818
    """The server said no (4xx, 5xx) with `reason` as its message: the request itself is wrong, do not repeat it."""

    error_id = "ari_refused"


class AriNotFound(AriRefused):
    """404 (or a 400 that means the same): the channel, bridge or playback is not there (any more)."""

    error_id = "ari_not_found"


class AriConflict(AriRefused):
    """409, 412, 422: it is there, but not in a state for this now (not in Stasis, not up, the id is taken)."""

    error_id = "ari_conflict"


class AriUnavailable(AriRefused):
    """The endpoint cannot be dialled now: no such one, or no phone is registered there."""

    error_id = "ari_unavailable"


class AriMalformed(AriError):  # noqa: N818
    """A message that is not what the server's own description promises."""

    error_id = "ari_malformed"


class AriGap(AriUnreachable):
    """The event stream broke during a wait: the event may have passed unseen. Look what is there, then decide."""

    error_id = "ari_gap"


_CONFLICTS = frozenset({409, 412, 422})
_OF_A_CHANNEL_GONE = ("not found", "failed to execute function")
"""What addChannel, and setting a variable, say with 400 of a channel that has just hung up."""


def refusal(method: str, path: str, status: int, reason: str) -> AriRefused:
    """The exact error for an HTTP status of 400 or more."""
    kind: type[AriRefused] = AriRefused
    if status == 404 or (status == 400 and any(words in reason.lower() for words in _OF_A_CHANNEL_GONE)):
        kind = AriNotFound
    elif status in _CONFLICTS:
        kind = AriConflict
    elif status == 500 and reason == "Allocation failed":  # all that Asterisk says of a phone that is not registered
        kind, reason = AriUnavailable, "the endpoint cannot be dialled: no such one, or no phone is registered there"
    return kind(reason, method=method, path=path, status=status)
