"""An agent's day beside the desk: calls and figures, call-backs, mailbox, messages, announcements."""

from fastapi import APIRouter

from web.access import Access
from web.day import announcements, callbacks, calls, mailbox, messages
from web.floor_api import FloorDoor
from web.frame import Frame


def routes(access: Access, frame: Frame, door: FloorDoor) -> list[APIRouter]:
    """`/day`, `/callbacks`, `/mailbox`, `/messages`, `/announcements`."""
    return [
        calls.routes(access, frame), callbacks.routes(access, frame, door), mailbox.routes(access, frame),
        messages.routes(access, frame), announcements.routes(access, frame),
    ]  # fmt: skip
