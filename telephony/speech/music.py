"""Our own music on hold, made with numpy: `default` (broken chords), `calm` (slow, with bells), `bright` (lively)."""

from collections.abc import Callable
from types import MappingProxyType

from telephony.speech.resample import Samples
from telephony.speech.synth import Loop, bell, pad, pluck

LEVEL_DBFS = -24.0
"""Softer than speech (-20), so that a prompt over it or after it is understood."""

_DEFAULT_CHORDS = (  # four beats each, as MIDI notes: bass, then the broken chord
    (48, (64, 67, 72, 76)),
    (45, (64, 69, 72, 76)),
    (53, (65, 69, 72, 77)),
    (43, (62, 67, 71, 74)),
    (52, (64, 67, 71, 76)),
    (45, (64, 69, 72, 76)),
    (50, (65, 69, 74, 77)),
    (43, (65, 67, 71, 74)),
    (48, (64, 67, 72, 79)),
    (53, (65, 69, 72, 77)),
    (43, (62, 67, 71, 74)),
    (48, (64, 67, 72, 76)),
)
_DEFAULT_MELODY = (  # (beat, MIDI note)
    (0, 79), (6, 76), (8, 81), (14, 79), (16, 79), (20, 76), (24, 77), (30, 74), (32, 76), (36, 72), (44, 72),
)  # fmt: skip

_CALM_CHORDS = (
    (62, 66, 69, 73),
    (59, 66, 69, 74),
    (55, 62, 66, 71),
    (57, 64, 69, 71),
    (54, 62, 66, 69),
    (55, 62, 67, 71),
)
_CALM_BELLS = (
    (1, 78), (3.5, 81), (7, 76), (9.5, 74), (13, 78), (15, 83), (19, 81), (22, 76), (25, 78), (28, 74), (31, 79),
    (33.5, 76),
)  # fmt: skip

_BRIGHT_CHORDS = (
    (55, (67, 71, 74)), (52, (67, 71, 76)), (48, (67, 72, 76)), (50, (66, 69, 74)),
    (55, (67, 71, 74)), (47, (66, 71, 74)), (48, (67, 72, 76)), (50, (69, 72, 74)),
)  # fmt: skip
_BRIGHT_MELODY = (
    (0, 79), (1, 83), (1.5, 81), (2.5, 79), (4, 76), (5.5, 79), (6, 81), (8, 84), (9, 83), (9.5, 81), (10.5, 79),
    (12, 78), (13.5, 81), (14, 86), (16, 83), (17, 79), (17.5, 81), (18.5, 83), (20, 78), (21.5, 81), (22, 83),
    (24, 84), (25.5, 83), (26, 79), (28, 81), (29, 78), (30, 81),
)  # fmt: skip


def hold_music() -> Samples:
    """24 s of soft broken chords."""
    loop = Loop(len(_DEFAULT_CHORDS) * 4, 0.5)
    for bar, (bass, chord) in enumerate(_DEFAULT_CHORDS):
        loop.add(bar * 4, pluck(bass, 2.6, 0.30))
        for note in chord[:3]:
            loop.add(bar * 4, pad(note - 12, 2.4, 0.05))
        for step, at in enumerate((0, 1, 2, 3, 2, 1, 2, 1)):
            loop.add(bar * 4 + step / 2, pluck(chord[at], 1.2, 0.16))
    for beat, note in _DEFAULT_MELODY:
        loop.add(beat, pluck(note, 2.2, 0.22))
    return loop.at(LEVEL_DBFS)


def calm_music() -> Samples:
    """36 s of slow chords that swell into each other, with a bell now and then."""
    loop = Loop(len(_CALM_CHORDS) * 6, 1.0)
    for bar, chord in enumerate(_CALM_CHORDS):
        for note in chord:
            loop.add(bar * 6, pad(note, 7.5, 0.1, rise_s=1.5))
    for beat, note in _CALM_BELLS:
        loop.add(beat, bell(note, 3.0, 0.22))
    return loop.at(LEVEL_DBFS)


def bright_music() -> Samples:
    """16 s at 120 beats a minute: bass, chords off the beat, a tune."""
    loop = Loop(len(_BRIGHT_CHORDS) * 4, 0.5)
    for bar, (bass, chord) in enumerate(_BRIGHT_CHORDS):
        for beat, note in ((0, bass), (2, bass + 7)):
            loop.add(bar * 4 + beat, pluck(note, 1.1, 0.34))
        for off_beat in (0.5, 1.5, 2.5, 3.5):
            for note in chord:
                loop.add(bar * 4 + off_beat, pluck(note, 0.45, 0.09))
    for at, note in _BRIGHT_MELODY:
        loop.add(at, pluck(note, 0.9, 0.24))
    return loop.at(LEVEL_DBFS)


STYLES: MappingProxyType[str, Callable[[], Samples]] = MappingProxyType(
    {"default": hold_music, "calm": calm_music, "bright": bright_music}
)
"""The music classes that are there without anybody's doing."""
