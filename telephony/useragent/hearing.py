"""When does the other side speak? A state machine over the line's level, which somebody reads every 40 ms.

Levels are the library's: the mean amplitude of the last 20 ms as a μ-law code (ITU-T G.711), 0 (silence) to 127 (full
scale), so roughly logarithmic: 6 dB each 16 steps.
"""

from dataclasses import dataclass
from typing import Literal

LOUD = 30  # about -39 dBFS on average: a quiet talker is above it, a line's noise below
HANGOVER_S = 0.4  # no line of the library, in any eSpeak voice, has a pause as long (longest: 0.38)
MIN_SPEECH_S = 0.2
GAP_S = 0.2  # a pause inside the first word does not start the count again

Heard = Literal["started", "stopped"]


@dataclass
class Hearing:
    """Feed it levels; it says when speech has started (after `min_speech_s` of it) and when it has stopped.

    `last_loud_s` is the last moment at which anything was heard, also what was too short to count as speech.
    """

    loud: int = LOUD
    hangover_s: float = HANGOVER_S
    min_speech_s: float = MIN_SPEECH_S
    speaking: bool = False
    last_loud_s: float = float("-inf")
    _since_s: float | None = None

    def feed(self, level: int, now_s: float) -> Heard | None:
        if level >= self.loud:
            return self._loud(now_s)
        quiet_s = now_s - self.last_loud_s
        if self.speaking and quiet_s >= self.hangover_s:
            self.reset()
            return "stopped"
        if not self.speaking and quiet_s > GAP_S:
            self._since_s = None
        return None

    def reset(self) -> None:
        """Forget what is going on: what was heard till now was not meant for us."""
        self.speaking = False
        self._since_s = None

    def _loud(self, now_s: float) -> Heard | None:
        self.last_loud_s = now_s
        if self._since_s is None:
            self._since_s = now_s
        if not self.speaking and now_s - self._since_s >= self.min_speech_s:
            self.speaking = True
            return "started"
        return None
