"""Turn-taking from level traces: one level every 40 ms, as pjsua2 reads them."""

from hypothesis import given
from hypothesis import strategies as st

from telephony.useragent.hearing import Hearing

STEP_S = 0.04
LOUD, QUIET = 70, 5


def listen(trace: list[tuple[int, float]]) -> list[tuple[str, float]]:
    """Feed (level, seconds) pieces; what was heard and when."""
    hearing, now_s, heard = Hearing(), 0.0, []
    for level, length_s in trace:
        for _ in range(round(length_s / STEP_S)):
            event = hearing.feed(level, now_s)
            if event:
                heard.append((event, round(now_s, 2)))
            now_s += STEP_S
    return heard


def test_a_sentence_begins_after_200_ms_and_ends_400_ms_after_its_last_sound() -> None:
    assert listen([(QUIET, 1.0), (LOUD, 2.0), (QUIET, 1.0)]) == [("started", 1.2), ("stopped", 3.36)]


def test_pauses_between_words_do_not_end_a_turn() -> None:
    words = [(LOUD, 0.4), (QUIET, 0.36)] * 5
    assert [event for event, _ in listen([(QUIET, 0.4), *words, (QUIET, 0.6)])] == ["started", "stopped"]


def test_a_click_is_no_speech() -> None:
    assert listen([(QUIET, 1.0), (LOUD, 0.08), (QUIET, 2.0), (LOUD, 0.12), (QUIET, 1.0)]) == []


def test_syllables_add_up_to_speech() -> None:
    assert [event for event, _ in listen([(LOUD, 0.12), (QUIET, 0.12), (LOUD, 0.12), (QUIET, 1.0)])] == [
        "started",
        "stopped",
    ]


def test_line_noise_below_the_threshold_is_silence() -> None:
    assert listen([(25, 5.0)]) == []


@given(st.lists(st.tuples(st.integers(0, 127), st.floats(0.04, 1.0)), max_size=30))
def test_starts_and_stops_alternate_whatever_is_heard(trace: list[tuple[int, float]]) -> None:
    events = [event for event, _ in listen([*trace, (0, 1.0)])]
    assert events == ["started", "stopped"] * (len(events) // 2)
