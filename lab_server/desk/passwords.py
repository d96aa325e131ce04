"""Passwords as scrypt hashes (RFC 7914): `scrypt$n$r$p$salt$hash`, salt and hash in hexadecimal."""

import hashlib
import hmac
import secrets

_N, _R, _P = 2**14, 8, 1  # 16 MB and about 50 ms a try
SHORTEST = 8


def hashed(password: str) -> str:
    """The hash to keep of a new password. Raises ValueError if it is shorter than 8 characters."""
    if len(password) < SHORTEST:
        raise ValueError(f"a password has at least {SHORTEST} characters")
    return hashed_pin(password)


def hashed_pin(password: str) -> str:
    """The hash to keep of a PIN: short, so that only counting the tries protects it."""
    salt = secrets.token_bytes(16)
    return "$".join(("scrypt", str(_N), str(_R), str(_P), salt.hex(), _scrypt(password, salt, _N, _R, _P).hex()))


def matches(password: str, kept: str) -> bool:
    """Whether `password` is the one `kept` was made from; False for an empty hash: nobody logs in with it."""
    try:
        name, n, r, p, salt, digest = kept.split("$")
        tried = _scrypt(password, bytes.fromhex(salt), int(n), int(r), int(p))
    except ValueError:
        return False
    return name == "scrypt" and hmac.compare_digest(tried, bytes.fromhex(digest))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, dklen=32)
