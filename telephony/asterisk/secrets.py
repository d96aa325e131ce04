"""Generated passwords, made once and kept in a file that only its owner can read."""

import json
import os
import secrets as chance
import string
import tempfile
from pathlib import Path

from filelock import FileLock

from telephony.asterisk.errors import SecretsUnreadableError

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 24


def load_secrets(path: Path, names: list[str]) -> dict[str, str]:
    """The password of each name, from `path`; missing ones are made and kept there (mode 0600, replaced atomically).

    Safe to call from several processes at once. Raises SecretsUnreadableError for a damaged file: making new passwords
    silently would lock out every phone that has the old ones.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(path.name + ".lock"), timeout=30):
        known = _read(path)
        missing = [name for name in names if name not in known]
        if missing:
            known |= {name: "".join(chance.choice(_ALPHABET) for _ in range(_LENGTH)) for name in missing}
            _write(path, known)
    return {name: known[name] for name in names}


def _read(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise SecretsUnreadableError(
            f"{path} is damaged ({error}); restore it, or delete it for new passwords"
        ) from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise SecretsUnreadableError(f"{path} is not a table of passwords; restore it, or delete it to make new ones")
    return found


def _write(path: Path, values: dict[str, str]) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(values, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
