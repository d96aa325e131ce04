"""The live table fits its terminal and says what is going on, in both languages; without a terminal, in lines."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from datasets.language import Language
from lab_server.classroom.messages import AgentPicture, FloorPicture
from lab_server.cli.live_table import LINE_EVERY_S, Screen, live_table
from lab_server.i18n import translator
from telephony.clock import SystemClock


class HandClock(SystemClock):
    """Runs only when it is put forward."""

    now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s


def picture(agents: int = 6, status: str = "running") -> FloorPicture:
    states = ("ready", "ringing", "talking", "wrap_up", "not_ready", "offline")
    return FloorPicture(
        session="S", status=status, cases=18, planned=4, waiting=3, ringing=1, talking=2, ended=8, graded=7,
        agents=tuple(
            AgentPicture(seat=str(1001 + index), state=states[index % 6], since_s=65.0 + index, robot=True)
            for index in range(agents)
        ),
        elapsed_s=83.0,
    )  # fmt: skip


def drawn(shown: FloorPicture, language: Language, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(live_table(shown, translator(language)))
    return str(console.file.getvalue()).splitlines()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(("language", "words"), [("en", ("8 of 18", "● talking")), ("zh-CN", ("8/18", "● 通话"))])
def test_a_class_fits_its_terminal(width: int, language: Language, words: tuple[str, str]) -> None:
    lines = drawn(picture(), language, width)
    assert max(cell_len(line) for line in lines) <= width
    assert words[0] in lines[0]
    assert "1:23" in lines[0]
    assert sum("┏" in line or "└" in line for line in lines) == 2  # the calls' frame is whole
    assert any("1003" in line and words[1] in line and "1:07" in line for line in lines)


def test_fifty_agents_fit_a_screen() -> None:
    lines = drawn(picture(50), "zh-CN", 120)
    assert len(lines) <= 24
    assert all(any(str(seat) in line for line in lines) for seat in range(1001, 1051))


def test_without_a_terminal_a_line_now_and_then_says_how_far_it_is() -> None:
    clock, written = HandClock(), io.StringIO()
    console = Console(file=written, width=80)
    with Screen(console, translator("en"), clock) as screen:
        for _ in range(21):
            screen.show(picture())
            clock.now_s += LINE_EVERY_S / 10
    said = [line for line in written.getvalue().splitlines() if "8 of 18" in line]
    assert len(said) == 3
