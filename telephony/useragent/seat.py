"""A robot student's phone: an account that stays registered."""

import logging
import re
from collections.abc import Callable

import pjsua2 as pj

from telephony.clock import Clock
from telephony.useragent.endpoint import SipEndpoint
from telephony.useragent.messages import RegisterAccount, Registered

RETRY_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
EXPIRES_S = 120
_MESSAGES = re.compile(r"(?im)^Voice-Message:[ \t]*([0-9]{1,6})/([0-9]{1,6})")
"""RFC 3842: new messages, and old ones."""
log = logging.getLogger(__name__)

Incoming = Callable[["Account", int, str], None]


class Account(pj.Account):  # type: ignore[misc]  # pjsua2 ships no types
    """Notes what comes in; `seat` is empty for the account of the callers, who are nobody's phone."""

    def __init__(self, endpoint: SipEndpoint, incoming: Incoming, seat: str = "") -> None:
        super().__init__()
        self.seat = seat
        self.registration: tuple[int, str, bool] | None = None
        self.lamp: tuple[int, int] | None = None  # messages, new and old, as the phone was last told
        self._endpoint = endpoint
        self._incoming = incoming

    def open(self, uri: str) -> None:
        """An account that only calls and is called."""
        config = pj.AccountConfig()
        config.idUri = uri
        self._endpoint.set_media(config.mediaConfig)
        self.create(config, True)

    def register(self, order: RegisterAccount) -> None:
        """Begin to register; `registration` shows how it went: code, reason, whether it holds."""
        config = pj.AccountConfig()
        host = order.registrar.removeprefix("sip:").rpartition("@")[2]
        config.idUri = f"sip:{order.user}@{host}"
        config.regConfig.registrarUri = order.registrar
        config.regConfig.timeoutSec = EXPIRES_S
        config.regConfig.retryIntervalSec = 0  # we do that ourselves, with a growing pause
        config.regConfig.firstRetryIntervalSec = 0
        config.regConfig.dropCallsOnFail = False
        config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", order.user, 0, order.password))
        self._endpoint.set_media(config.mediaConfig)
        self.create(config)

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802
        try:
            self._incoming(self, int(prm.callId), str(prm.rdata.wholeMsg))
        except Exception:  # an exception must not travel through C++; the cause is in the log
            log.exception("an incoming call could not be taken")

    def onRegState(self, prm: pj.OnRegStateParam) -> None:  # noqa: N802
        try:
            held = prm.code // 100 == 2 and prm.expiration > 0
            self.registration = (int(prm.code), str(prm.reason), held)
        except Exception:  # as above
            log.exception("a registration's state could not be read")

    def onMwiInfo(self, prm: pj.OnMwiInfoParam) -> None:  # noqa: N802
        try:
            found = _MESSAGES.search(str(prm.rdata.wholeMsg))
            if found is not None:
                self.lamp = int(found[1]), int(found[2])
        except Exception:  # as above
            log.exception("a message lamp could not be read")


class Seat:
    """Keeps one phone registered and tells when that changes."""

    def __init__(
        self, order: RegisterAccount, account: Account, clock: Clock, report: Callable[[Registered], None]
    ) -> None:
        self.order = order
        self.account = account
        self.leaving = False
        self._clock = clock
        self._report = report
        self._told: tuple[bool, int] | None = None
        self._failures = 0
        self._retry_at: float | None = None
        account.register(order)

    @property
    def host(self) -> str:
        """Where the registrar is, as host:port."""
        return self.order.registrar.removeprefix("sip:").rpartition("@")[2]

    @property
    def ok(self) -> bool:
        return self._told is not None and self._told[0]

    def turn(self) -> None:
        """Look how the registration went, try again when it is time."""
        state, self.account.registration = self.account.registration, None
        if state is not None:
            self._went(*state)
        if self._retry_at is not None and self._clock.monotonic() >= self._retry_at and not self.leaving:
            self._retry_at = None
            self._try(True)

    def tell(self) -> None:
        """Report the present state again."""
        if self._told is not None:
            self._report(Registered(seat=self.order.seat, ok=self._told[0], code=self._told[1], reason="as before"))

    def close(self) -> None:
        """Let the account's object go now.

        pjsua2 gives an account's number to the next one, and an old object that goes late deletes the new account.
        """
        self.account.shutdown()
        del self.account

    def leave(self) -> None:
        """Unregister; the switch forgets this phone."""
        self.leaving = True
        self._try(False)

    def _went(self, code: int, reason: str, held: bool) -> None:
        if held:
            self._failures = 0
            self._retry_at = None
        elif not self.leaving:
            self._retry_at = self._clock.monotonic() + RETRY_S[min(self._failures, len(RETRY_S) - 1)]
            self._failures += 1
        if self._told != (held, code):
            self._told = (held, code)
            self._report(Registered(seat=self.order.seat, ok=held, code=code, reason=reason))

    def _try(self, renew: bool) -> None:
        try:
            self.account.setRegistration(renew)
        except pj.Error as error:
            log.info("seat %s: %s", self.order.seat, error.reason)  # one is under way already: its end is reported
