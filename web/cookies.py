"""Signed cookies: the session's, which seat this PC is, and the language before anybody has signed in."""

import hashlib
from pathlib import Path

from itsdangerous import BadSignature, Signer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from telephony.asterisk.secrets import load_secrets

SESSION, PC, LANGUAGE, KLASS = "ringside", "ringside_pc", "ringside_lang", "ringside_class"
_LONG_S = 400 * 86400  # the longest that browsers keep a cookie


class Cookies:
    """`secrets`: the folder where the key is, made on first use. Over https each is `Secure` and has `__Host-`."""

    def __init__(self, secrets: Path) -> None:
        self._secrets = secrets
        self._key = ""

    def session(self, connection: HTTPConnection) -> str | None:
        """The session's secret; None for none, or one that we did not sign."""
        return self._read(connection, SESSION)

    def seat(self, connection: HTTPConnection) -> str:
        """Which seat this PC is, "" if nobody has said."""
        return self._read(connection, PC) or ""

    def language(self, connection: HTTPConnection) -> str:
        return connection.cookies.get(LANGUAGE, "")

    def klass(self, connection: HTTPConnection) -> str:
        """The class whose list was last open here."""
        return connection.cookies.get(KLASS, "")

    def keep_session(self, connection: HTTPConnection, answer: Response, secret: str) -> None:
        """Until the browser is closed: the server ends it sooner."""
        self._write(connection, answer, SESSION, secret, None)

    def drop_session(self, connection: HTTPConnection, answer: Response) -> None:
        answer.delete_cookie(_name(connection, SESSION), path="/", secure=_secure(connection), httponly=True)

    def keep_seat(self, connection: HTTPConnection, answer: Response, number: str) -> None:
        """This PC is that seat from now on; "" for no seat."""
        self._write(connection, answer, PC, number, _LONG_S)

    def keep_plain(self, connection: HTTPConnection, answer: Response, name: str, value: str) -> None:
        """A preference that is nobody's secret and gives no right."""
        answer.set_cookie(
            name, value, max_age=_LONG_S, path="/", httponly=True, samesite="lax", secure=_secure(connection)
        )

    def _write(self, connection: HTTPConnection, answer: Response, name: str, value: str, age: int | None) -> None:
        answer.set_cookie(
            _name(connection, name), self._signer(name).sign(value).decode(), max_age=age, path="/", httponly=True,
            samesite="lax", secure=_secure(connection),
        )  # fmt: skip

    def _read(self, connection: HTTPConnection, name: str) -> str | None:
        signed = connection.cookies.get(_name(connection, name), "")
        if not signed or len(signed) > 300:
            return None
        try:
            return self._signer(name).unsign(signed).decode()
        except (BadSignature, UnicodeError):
            return None

    def _signer(self, purpose: str) -> Signer:
        if not self._key:
            self._key = load_secrets(self._secrets / "web.json", ["cookies"])["cookies"]
        return Signer(self._key, salt=f"ringside.{purpose}", digest_method=hashlib.sha256)


def _secure(connection: HTTPConnection) -> bool:
    return connection.url.scheme in {"https", "wss"}


def _name(connection: HTTPConnection, name: str) -> str:
    """`__Host-` binds it to this host and to https: no other page on the machine can set it."""
    return f"__Host-{name}" if _secure(connection) else name
