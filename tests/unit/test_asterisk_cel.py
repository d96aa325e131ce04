"""Asterisk's channel event log, as its `cel_custom` writes it, read back."""

from datetime import UTC, datetime
from pathlib import Path

from telephony.asterisk.cel import read_events

START = '"CHAN_START","1795350350.912150","chan-1","chan-1","PJSIP/lab-00000000","","",""\n'
HANGUP = (
    '"HANGUP","1795350360.917394","chan-1","chan-1","PJSIP/lab-00000000","01JD0000000000000000000ABC","customer",'
    '"{""hangupcause"":16,""hangupsource"":""PJSIP/lab-00000000"",""dialstatus"":""""}"\n'
)
LONG_AGO = datetime.fromtimestamp(0, UTC)


def write(folder: Path, text: str) -> Path:
    file = folder / "events.csv"
    file.write_text(text)
    return file


def test_a_hangup_tells_contact_leg_and_cause(tmp_path: Path) -> None:
    (_, hangup) = read_events(write(tmp_path, START + HANGUP), LONG_AGO)
    assert (hangup.kind, hangup.contact, hangup.leg) == ("HANGUP", "01JD0000000000000000000ABC", "customer")
    assert hangup.at == datetime(2026, 11, 22, 12, 26, 0, 917394, tzinfo=UTC)
    assert '"hangupcause":16' in hangup.extra


def test_only_what_came_since_is_told(tmp_path: Path) -> None:
    since = datetime.fromtimestamp(1795350355, UTC)
    assert [event.kind for event in read_events(write(tmp_path, START + HANGUP), since)] == ["HANGUP"]


def test_a_line_cut_off_by_a_crash_is_left_out(tmp_path: Path) -> None:
    events = list(read_events(write(tmp_path, START + HANGUP[:40]), LONG_AGO))
    assert [event.kind for event in events] == ["CHAN_START"]


def test_before_the_first_call_there_is_nothing(tmp_path: Path) -> None:
    assert list(read_events(tmp_path / "none.csv", LONG_AGO)) == []
