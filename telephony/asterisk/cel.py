"""Asterisk's own channel event log, read back: what happened to channels while nobody listened on ARI."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

COLUMNS: tuple[str, ...] = (
    "eventtype",
    "eventtime",
    "CHANNEL(uniqueid)",
    "CHANNEL(linkedid)",
    "CHANNEL(channame)",
    "CHANNEL(accountcode)",
    "CHANNEL(userfield)",
    "eventextra",
)


class ChannelEvent(BaseModel):
    """One line: `kind` is CEL's name (`CHAN_START`, `ANSWER`, `BRIDGE_ENTER`, `BRIDGE_EXIT`, `HANGUP`, `CHAN_END`)."""

    model_config = ConfigDict(frozen=True)

    kind: str
    at: datetime
    channel_id: str
    linked_id: str
    channel: str
    contact: str
    leg: str
    extra: str
    """JSON as Asterisk gives it; for HANGUP the cause (`hangupcause`) and the side (`hangupsource`)."""


def read_events(path: Path, since: datetime, last_bytes: int | None = None) -> Iterator[ChannelEvent]:
    """The events at or after `since`, oldest first. No file: no events. A line cut short by a crash is left out.

    `last_bytes`: look only at the end of a log that has grown for months (a call writes about 3 kB).
    """
    try:
        file = path.open(encoding="utf-8", errors="replace", newline="")
    except FileNotFoundError:
        return
    with file:
        if last_bytes is not None and (size := path.stat().st_size) > last_bytes:
            file.seek(size - last_bytes)
            file.readline()  # the rest of a line
        for row in csv.reader(file):
            event = _event(row)
            if event is not None and event.at >= since:
                yield event


def _event(row: list[str]) -> ChannelEvent | None:
    if len(row) != len(COLUMNS):
        return None
    try:
        at = datetime.fromtimestamp(float(row[1]), UTC)
    except ValueError:
        return None
    return ChannelEvent(
        kind=row[0],
        at=at,
        channel_id=row[2],
        linked_id=row[3],
        channel=row[4],
        contact=row[5],
        leg=row[6],
        extra=row[7],
    )
