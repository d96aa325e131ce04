"""Everything a worker needs for one party's part, with every line already spoken into a file."""

from collections.abc import Mapping

from lab_server.classroom.roll import Attempt, Roll
from scenarios.case import Case
from scenarios.plans import caller_plan
from scenarios.profiles import PROFILES, Profile
from scenarios.students import robot_lines, robot_plan
from telephony.speech.cache import SpeechCache
from telephony.speech.engine import SpeechEngine, voice_for
from telephony.useragent.messages import Plan


class Plans:
    """Plans of callers and robots of one session. `speak_…` makes the sounds and takes time: call it in a thread."""

    def __init__(self, roll: Roll, speech: SpeechCache, engine: SpeechEngine, keys: Mapping[str, str]) -> None:
        """`keys`: queue → the key that chooses it in the menu."""
        self._roll = roll
        self._speech = speech
        self._engine = engine
        self._keys = keys

    def speak_case(self, case: Case) -> dict[str, str]:
        """Line → file, for every line of the case."""
        voice = voice_for(self._engine, case.language, case.person.gender, case.voice_pick)
        pace = case.speech_rate
        return {line.id: str(self._speech.wav(line.text, case.language, voice, pace)) for line in case.lines}

    def speak_robots(self) -> None:
        """Every line of every robot, in every scenario and language of the session."""
        for case in {(case.scenario, case.language): case for case in self._roll.cases}.values():
            for seat in self._roll.robots:
                self._robot_wavs(case, seat)

    def caller(self, attempt: Attempt) -> Plan:
        keys = self._keys.get(attempt.case.queue, "")
        return caller_plan(attempt.case, self.speak_case(attempt.case), attempt.contact, keys)

    def robot(self, attempt: Attempt, seat: str) -> Plan:
        scenario = self._roll.scenarios[attempt.case.scenario]
        wavs = self._robot_wavs(attempt.case, seat)
        return robot_plan(scenario, attempt.case, self.profile(seat), wavs, attempt.contact)

    def profile(self, seat: str) -> Profile:
        """What kind of student sits there."""
        return PROFILES[self._roll.robots[seat].profile]

    def _robot_wavs(self, case: Case, seat: str) -> dict[str, str]:
        lines = robot_lines(self._roll.scenarios[case.scenario], case.language, self.profile(seat))
        voice = voice_for(self._engine, case.language, "f" if int(seat) % 2 else "m", int(seat))
        return {line: str(self._speech.wav(text, case.language, voice)) for line, text in lines.items()}
