"""Passwords and PINs as argon2id hashes (RFC 9106). Scrypt hashes (RFC 7914) of earlier versions are still read."""

import hashlib
import hmac

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 8
LONGEST = 200
"""Characters of what is hashed: more is refused before any work is done."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)  # 19 MB, about 40 ms a try (OWASP's choice)
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$i6wXF6ayJYtxonAGE+3Sgw$iEgb6ECjaq/Z+VqZEVkX6eUdrnGn8S+n9mvl/fUOQLY"
"""Made from a random text that nobody kept: what an unknown user's try is checked against, so that it takes as long."""


def hashed(password: str) -> str:
    """The hash to keep of a new password. Raises ValueError unless it has 8 to 200 characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters")
    return hashed_pin(password)


def hashed_pin(password: str) -> str:
    """The hash to keep of a PIN: short, so that only counting the tries protects it."""
    return _HASHER.hash(password.encode("utf-8", "surrogatepass"))


def matches(password: str, kept: str) -> bool:
    """Whether `password` is the one `kept` was made from; False for an empty hash: nobody logs in with it."""
    if len(password) > LONGEST:
        return False
    if kept.startswith("scrypt$"):
        return _matches_scrypt(password, kept)
    try:
        return _HASHER.verify(kept, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether a password that fits `kept` should be hashed anew: scrypt, or weaker figures than ours."""
    if not kept or kept.startswith("scrypt$"):
        return bool(kept)
    try:
        return _HASHER.check_needs_rehash(kept)
    except InvalidHashError:
        return False


def _matches_scrypt(password: str, kept: str) -> bool:
    try:
        _, n, r, p, salt, digest = kept.split("$")
        tried = hashlib.scrypt(
            password.encode("utf-8", "surrogatepass"), salt=bytes.fromhex(salt), n=int(n), r=int(r), p=int(p), dklen=32
        )
        return hmac.compare_digest(tried, bytes.fromhex(digest))
    except ValueError:
        return False
