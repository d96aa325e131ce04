"""What a robot student writes into the desk, and every field in which that is not as it should be."""

import random
from collections.abc import Sequence

from scenarios.case import Case
from scenarios.facts import RecordField, Told, computed_value, expected_values
from scenarios.profiles import Profile
from scenarios.record import Mistake, Recorded, Verdict, as_written
from scenarios.slips import invent, slip


def record(case: Case, told: Sequence[Told], profile: Profile, rng: random.Random) -> Recorded:
    """The form after a call in which `told` was told (a pure function of its arguments and of `rng`'s state)."""
    return _Clerk(case, told, profile, rng).fill_in()


class _Clerk:
    """Fills in one form from top to bottom, in canonical values, and notes what goes wrong."""

    def __init__(self, case: Case, told: Sequence[Told], profile: Profile, rng: random.Random) -> None:
        self._case = case
        self._told = sorted(told, key=lambda one: (one.began_s, one.ended_s))
        self._expected = expected_values(case.truth, told)
        self._profile = profile
        self._rng = rng
        self._certain = self._certain_slips()
        self._values: dict[str, str] = {}
        self._mistakes: dict[str, Mistake] = {}

    def fill_in(self) -> Recorded:
        truth = self._case.truth
        for field in truth.fields:
            if field.computed_from:
                self._compute(field)
            elif self._is_hidden(field):
                self._leave_hidden(field, because_of=field.shown_if.fact if field.shown_if else "")
            elif field.field in self._expected:
                self._write_told(field)
            elif truth.fact(field.field) is not None:
                self._face_the_unknown(field)
        values = {name: as_written(truth.field(name).kind, value) for name, value in self._values.items()}
        return Recorded(form=truth.form, values=values, mistakes=tuple(self._mistakes.values()))

    def _certain_slips(self) -> frozenset[str]:
        """Fields that go wrong whatever chance says; not those a page may hide, for then nothing would be wrong."""
        names = [
            field.field
            for field in self._case.truth.fields
            if field.field in self._expected and not field.computed_from and field.shown_if is None
        ]
        return frozenset(self._rng.sample(names, min(self._profile.at_least, len(names))))

    def _write_told(self, field: RecordField) -> None:
        name = field.field
        forgets = self._rng.random() < self._profile.forget
        slips = self._rng.random() < self._profile.slip
        if name in self._certain or (slips and not forgets):
            tellings = [one for one in self._told if one.key == name]
            self._values[name], reason = slip(self._case, field, tellings, self._rng)
            self._note(name, "wrong", reason)
        elif forgets:
            self._note(name, "missing", "empty")
        else:
            self._values[name] = self._expected[name].value

    def _face_the_unknown(self, field: RecordField) -> None:
        if self._rng.random() < self._profile.invent:
            self._values[field.field] = invent(self._case, field, self._rng)
            self._note(field.field, "invented", "guessed")
        else:
            self._note(field.field, "not_asked", "never_told")

    def _is_hidden(self, field: RecordField) -> bool:
        condition = field.shown_if
        return bool(condition and condition.among and self._values.get(condition.fact) not in condition.among)

    def _leave_hidden(self, field: RecordField, because_of: str) -> None:
        """The page does not show the question: an earlier answer is wrong, or the caller never came to correct it."""
        if field.field in self._expected or self._case.truth.fact(field.field) is not None:
            verdict: Verdict = "missing" if field.field in self._expected else "not_asked"
            self._note(field.field, verdict, "follows", consequential=because_of in self._mistakes)

    def _compute(self, field: RecordField) -> None:
        """The desk computes it from what was recorded, so it can only be wrong as a consequence."""
        name = field.field
        value = computed_value(field, {**self._case.truth.given, **self._values})
        expected = self._expected.get(name)
        if value is not None:
            self._values[name] = value
        if expected is None:
            self._note(name, "not_asked" if value is None else "invented", "follows", consequential=True)
        elif value != expected.value:
            self._note(name, "missing" if value is None else "wrong", "follows", consequential=True)

    def _note(self, field: str, verdict: Verdict, reason: str, *, consequential: bool = False) -> None:
        self._mistakes[field] = Mistake(
            field=field, verdict_expected=verdict, reason=reason, consequential=consequential
        )
