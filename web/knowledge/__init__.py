"""The knowledge base: articles found, read, written, approved."""

from fastapi import APIRouter

from web.access import Access
from web.frame import Frame
from web.knowledge import reading, versions, writing


def routes(access: Access, frame: Frame) -> list[APIRouter]:
    """`/knowledge` and below. Writing first: its `/new` is no article's id."""
    return [writing.routes(access, frame), versions.routes(access, frame), reading.routes(access, frame)]
