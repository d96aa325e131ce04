"""`ringside floor`: what is there in a few lines, and what is said when nobody answers."""

import pytest
from typer.testing import CliRunner

from lab_server.cli import command
from lab_server.cli.floor import lines
from lab_server.i18n import translator

STATE = {
    "agents": [{"seat": "1001", "state": "not_ready", "reason": "lunch", "contact": None, "for_s": 65.0}],
    "queues": [{"queue": "order", "waiting": 2, "longest_s": 30.0}],
    "contacts": [
        {"contact": "01A", "stage": "talking", "number": "163", "legs": [{"seat": None}, {"seat": "1002"}]},
    ],
    "mailboxes": [{"mailbox": "main", "new": 1, "old": 2}, {"mailbox": "1001", "new": 0, "old": 0}],
    "callbacks": [{"queue": "order", "waiting": 1}],
}


def test_the_state_is_told_in_a_few_lines() -> None:
    assert lines(STATE, translator("en")) == [
        "Agents", "\t1001\tnot_ready (lunch)\t1:05\t", "Queues", "\torder\t2 wait, the first for 0:30", "Contacts",
        "\t01A\ttalking\t163\t1002", "Messages and call-backs", "\tmain\t1 new, 2 old", "\torder\t1 to call back",
    ]  # fmt: skip
    chinese = lines(STATE, translator("zh-CN"))
    assert len(chinese) == 9
    assert "Agents" not in chinese[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["state", "--token", "x", "--url", "http://127.0.0.1:9"], "nobody answers at http://127.0.0.1:9"),
        (["state", "--token", "x", "--url", "ftp://here"], "no address of a lab"),
        (["do", "{", "--token", "x"], "this is no JSON"),
    ],
)
def test_what_went_wrong_is_one_sentence(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(command(), ["floor", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
