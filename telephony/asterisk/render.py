"""`PbxSettings` → the files of `etc/`, written so that Asterisk never sees a half-written folder."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from telephony.asterisk.cel import COLUMNS
from telephony.asterisk.modules import MODULES
from telephony.asterisk.settings import PbxSettings
from telephony.asterisk.tree import Tree

CHANNEL_VARIABLES: tuple[str, ...] = (
    "RS_CONTACT",
    "RS_ROLE",
    "RS_LEG",
    "RS_DIRECTION",
    "RS_STAGE",
    "RS_NOTE",
    "RS_DIALLED",
    "RS_AGENT",
    "RS_TRUNK",
    "RS_RECORDING",
)
"""Told with every channel of every ARI answer and event, so that a restarted brain knows each call."""

DIALLED_PATTERNS: tuple[str, ...] = ("_X!", "_+X!", "_[*#]!")
"""What can be dialled: one digit or more (`_X.` would need two), +E.164, and feature codes."""

ECHO_NUMBER = "*43"
"""What a phone dials to hear itself."""

FILES: tuple[str, ...] = (
    "acl.conf",
    "ari.conf",
    "asterisk.conf",
    "ccss.conf",
    "cdr.conf",
    "cel.conf",
    "cel_custom.conf",
    "extensions.conf",
    "features.conf",
    "http.conf",
    "indications.conf",
    "logger.conf",
    "manager.conf",
    "modules.conf",
    "musiconhold.conf",
    "pjproject.conf",
    "pjsip.conf",
    "pjsip_notify.conf",
    "rtp.conf",
    "rtp_addresses.conf",
    "stasis.conf",
    "udptl.conf",
    "websocket_client.conf",
)
"""Some say next to nothing: without them Asterisk logs an error at each start."""

MESSAGES = "messages"
"""Below the recordings: what is recorded on command and not by the door, such as messages in mailboxes."""

NEXT_TIME = frozenset({"musiconhold.conf", "rtp_addresses.conf"})
"""What may wait for the next start: for a new piece of music, or an address that the machine was given, no PBX with
calls on it is restarted."""


def render(settings: PbxSettings) -> dict[str, str]:
    """Every config file's text by its name. Pure: the same settings give the same text."""
    templates = Environment(  # noqa: S701 - config files, not HTML; PbxSettings refuses what could break out of a line
        loader=PackageLoader("telephony.asterisk"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return {
        name: templates.get_template(f"{name}.j2").render(
            s=settings,
            modules=MODULES,
            modules_folder=Tree(settings.tree).modules,
            channel_variables=CHANNEL_VARIABLES,
            dialled_patterns=DIALLED_PATTERNS,
            echo_number=ECHO_NUMBER,
            cel_columns=COLUMNS,
        )
        for name in FILES
    }


def digest(files: dict[str, str]) -> str:
    """One word for a set of config files: a PBX started with another one needs a restart."""
    total = hashlib.sha256()
    for name in sorted(files.keys() - NEXT_TIME):
        total.update(f"{name}\0{files[name]}\0".encode())
    return total.hexdigest()


def write_config(settings: PbxSettings) -> str:
    """Make the PBX's folders, write `etc/` as a whole, and return its digest. `etc/` holds passwords: mode 0700."""
    files = render(settings)
    _make_folders(settings)
    new = Path(tempfile.mkdtemp(dir=settings.home, prefix="etc.new-"))  # mkdtemp makes it 0700
    try:
        for name, text in files.items():
            (new / name).write_text(text, encoding="utf-8")
        _swap(new, settings.etc)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return digest(files)


def _swap(new: Path, folder: Path) -> None:
    """Put `new` in `folder`'s place; what was there is removed."""
    old = folder.with_name(f"{folder.name}.old-{os.getpid()}")
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _make_folders(settings: PbxSettings) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    for name in ("cache", "lib", "spool", "log", "log/cel-custom", "run", "data"):
        (settings.home / name).mkdir(exist_ok=True)
    settings.run_folder.chmod(0o700)  # the control socket in it accepts any command
    music = [settings.music / name for name in settings.music_classes]
    for folder in (settings.recordings / MESSAGES, settings.prompts, *music):
        folder.mkdir(parents=True, exist_ok=True)
    _link(settings.home / "spool" / "recording", settings.recordings / MESSAGES)
    _link(settings.data_folder / "sounds", settings.prompts)
    _link(settings.data_folder / "documentation", Tree(settings.tree).documentation)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    if link.is_dir() and not link.is_symlink():
        link.rename(link.with_name(f"{link.name}.old-{os.getpid()}"))  # an earlier release's
    new = link.with_name(f"{link.name}.new-{os.getpid()}")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)
