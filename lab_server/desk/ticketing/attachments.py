"""Files of tickets: kept under their ids in one folder; the name that somebody gave one is text and never a path."""

import hashlib
import os
import unicodedata
from datetime import datetime
from pathlib import Path

from sqlmodel import col, select

from lab_server.desk.desk import Desk
from lab_server.desk.errors import AttachmentError
from lab_server.desk.rights import Right
from lab_server.desk.ticketing import views, work
from lab_server.ids import new_id
from lab_server.store.tables import Attachment
from scenarios.facts import Frozen

LARGEST = 10_000_000
MOST = 20
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
)
TYPES = frozenset({kind for _, kind in _SIGNATURES} | {"image/webp", "audio/wav", "text/plain"})
"""What is taken. A page serves `text/plain` as such, and everything with `Content-Disposition: attachment`."""


class AttachmentView(Frozen):
    """A file. `type` is what its bytes say, whatever its name."""

    id: str
    name: str
    type: str
    size: int
    user_id: str
    at: datetime


def add(desk: Desk, folder: Path, ticket_id: str, name: str, content: bytes) -> AttachmentView:
    """Keep a file (`folder`: the settings' var/attachments). Raises `AttachmentError`; then nothing is kept.

    The file is written before the row: a file without a row is harmless, a row without a file is not.
    """
    row = views.ticket(desk, ticket_id, Right.TICKET_EDIT)
    if not 0 < len(content) <= LARGEST:
        raise AttachmentError(f"the file has {len(content)} bytes: from 1 to {LARGEST} are taken")
    kind = sniffed(content)
    if kind is None:
        raise AttachmentError(f"files of this type are not taken: there are {', '.join(sorted(TYPES))}")
    there = select(Attachment.id).where(Attachment.ticket_id == ticket_id, col(Attachment.deleted_at).is_(None))
    if len(desk.session.exec(there).all()) >= MOST:
        raise AttachmentError(f"the ticket has {MOST} files already: take one away first")
    one = Attachment(
        id=new_id(), site_id=row.site_id, ticket_id=ticket_id, user_id=desk.actor.id, name=shown_name(name), type=kind,
        size=len(content), sha256=hashlib.sha256(content).hexdigest(), at=desk.clock.utc(),
    )  # fmt: skip
    _write(folder, one.id, content)
    desk.session.add(one)
    work.step(desk, row, "attached", {"file": one.id, "name": one.name})
    return _view(one)


def listed(desk: Desk, ticket_id: str) -> tuple[AttachmentView, ...]:
    """The ticket's files, the oldest first."""
    views.ticket(desk, ticket_id, Right.TICKET_READ)
    rows = select(Attachment).where(Attachment.ticket_id == ticket_id, col(Attachment.deleted_at).is_(None))
    return tuple(_view(one) for one in desk.session.exec(rows.order_by(col(Attachment.at), col(Attachment.id))))


def opened(desk: Desk, folder: Path, attachment_id: str) -> tuple[AttachmentView, Path]:
    """The file and where it is. Raises `AttachmentError` if there is none, or its bytes are no longer the same."""
    one = _known(desk, attachment_id, Right.TICKET_READ)
    path = _path(folder, one.id)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AttachmentError(f"the file of attachment {one.id} cannot be read: put it back from a copy") from error
    if hashlib.sha256(content).hexdigest() != one.sha256:
        raise AttachmentError(f"the file of attachment {one.id} has been altered: put it back from a copy")
    return _view(one), path


def take_away(desk: Desk, attachment_id: str, *, back: bool = False) -> None:
    """Out of the list; the file stays, so that `back` can undo it."""
    one = _known(desk, attachment_id, Right.TICKET_EDIT)
    one.deleted_at = None if back else desk.clock.utc()
    desk.session.add(one)
    row = views.ticket(desk, one.ticket_id, Right.TICKET_EDIT)
    work.step(desk, row, "attachment_back" if back else "detached", {"file": one.id, "name": one.name})


def sniffed(content: bytes) -> str | None:
    """What the bytes say they are; None: nothing that is taken. Markup is no plain text: a browser might run it."""
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    if content[:4] == b"RIFF" and content[8:12] in {b"WEBP", b"WAVE"}:
        return "image/webp" if content[8:12] == b"WEBP" else "audio/wav"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    odd = any(unicodedata.category(one) == "Cc" and one not in "\r\n\t" for one in text)
    return None if odd or text.lstrip("\ufeff \r\n\t").startswith("<") else "text/plain"


def shown_name(name: str) -> str:
    """The last part of whatever path was given, without what could deceive (direction marks, control characters)."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(one for one in last if unicodedata.category(one) not in {"Cc", "Cf", "Cs"}).strip(" .")
    return kept[-120:] or "file"


def _known(desk: Desk, attachment_id: str, right: Right) -> Attachment:
    one = desk.session.get(Attachment, attachment_id)
    if one is None or one.site_id != desk.actor.site_id:
        raise AttachmentError(f"there is no attachment {attachment_id[:40]!r}: take the id from the ticket")
    views.ticket(desk, one.ticket_id, right)
    return one


def _path(folder: Path, attachment_id: str) -> Path:
    return folder / attachment_id[-2:] / attachment_id


def _write(folder: Path, attachment_id: str, content: bytes) -> None:
    path = _path(folder, attachment_id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise AttachmentError(f"the file cannot be kept ({error.strerror}): is there space on the disk?") from error


def _view(one: Attachment) -> AttachmentView:
    return AttachmentView(id=one.id, name=one.name, type=one.type, size=one.size, user_id=one.user_id, at=one.at)
