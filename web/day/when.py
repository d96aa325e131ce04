"""Times that people choose: in a quarter of an hour, tomorrow, or a moment of the site's clock."""

from datetime import datetime, time, timedelta, tzinfo

_SOON = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1), "3h": timedelta(hours=3)}
_MORNING = time(9)


def moment(text: str, zone: tzinfo) -> datetime | None:
    """What an `<input type=datetime-local>` sends; None for what is no time."""
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is not None else found.replace(tzinfo=zone)
    except ValueError:
        return None


def chosen(word: str, exact: str, now: datetime, zone: tzinfo) -> datetime | None:
    """`15m`, `1h`, `3h`, `tomorrow` (nine in the morning), or the moment in `exact`."""
    if exact.strip():
        return moment(exact.strip(), zone)
    if word in _SOON:
        return now + _SOON[word]
    if word == "tomorrow":
        return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), _MORNING, zone)
    return None
