"""Whatever form a school makes and whatever is answered: jumps go forward, what is hidden answers nothing."""

import json
import random
from datetime import date

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lab_server.desk.knowledge import blanks
from lab_server.desk.search.words import asked as searched
from lab_server.desk.search.words import name_terms, words
from lab_server.desk.templates.faults import faults, is_id_number
from lab_server.desk.templates.jumps import asked, pruned
from lab_server.desk.templates.model import FieldKind, Jump, Rule, Template, TemplateField
from lab_server.desk.templates.of_case import record_fields, template_of
from lab_server.desk.templates.sample import sample
from lab_server.desk.templates.transfer import exported, imported
from scenarios.facts import Choice
from scenarios.load import library
from scenarios.persona import draw_case

CODES = ("a", "b", "c")


@st.composite
def templates(draw: st.DrawFn) -> Template:
    count = draw(st.integers(1, 8))
    fields = []
    for at in range(count):
        kind = draw(st.sampled_from([FieldKind.TEXT, FieldKind.CHOICE, FieldKind.NUMBER, FieldKind.MULTI_CHOICE]))
        rules = ()
        if at and draw(st.booleans()):
            earlier = draw(st.integers(0, at - 1))
            rules = (Rule(field=f"f{earlier}", op=draw(st.sampled_from(["among", "not_among"])), values=("a",)),)
        jumps = ()
        if draw(st.booleans()):
            to = draw(st.sampled_from(["", *(f"f{later}" for later in range(at + 1, count))]))
            jumps = (Jump(among=tuple(draw(st.sets(st.sampled_from(CODES)))), to=to),)
        choices = tuple(Choice(code=code, title={"en": code}) for code in CODES)
        fields.append(
            TemplateField(
                key=f"f{at}", kind=kind, title={"en": f"Q{at}"}, shown_if=rules, jumps=jumps,
                required=draw(st.booleans()),
                choices=choices if kind in {FieldKind.CHOICE, FieldKind.MULTI_CHOICE} else (),
            )
        )  # fmt: skip
    return Template(key="t", form="ticket", title={"en": "T"}, fields=tuple(fields))


answers = st.dictionaries(st.sampled_from([f"f{at}" for at in range(8)]), st.sampled_from(["a", "b", "", "a,b", "7"]))


@given(templates(), answers)
def test_questions_come_in_order_and_the_hidden_ones_answer_nothing(template: Template, given_: dict[str, str]) -> None:
    keys = [field.key for field in asked(template, given_)]
    assert keys == [field.key for field in template.fields if field.key in keys]
    assert keys[:1] == ["f0"] or template.fields[0].shown_if
    kept = pruned(template, given_)
    assert set(kept) <= set(keys)
    assert [field.key for field in asked(template, kept)] == keys, "what was hidden had no say"
    assert pruned(template, kept) == kept


@given(templates(), answers)
def test_only_asked_questions_have_faults(template: Template, given_: dict[str, str]) -> None:
    keys = {field.key for field in asked(template, given_)}
    known = {field.key for field in template.fields}
    for fault in faults(template, given_):
        assert fault.field in keys or (fault.field not in known and fault.fault_id == "unknown")
        assert set(fault.says) == {"zh-CN", "en"}
        assert "{" not in fault.says["en"] + fault.says["zh-CN"]


@given(templates(), st.sampled_from(["yaml", "json"]))
def test_a_template_comes_back_from_its_file(template: Template, form: str) -> None:
    text = exported(template, form)  # type: ignore[arg-type]
    assert imported(text) == template
    assert (json.loads(text) if form == "json" else yaml.safe_load(text))["key"] == "t"


@given(st.integers(1, 99), templates(), answers)
def test_a_lesson_asks_a_part_of_the_form_in_the_same_order(
    lesson: int, template: Template, given_: dict[str, str]
) -> None:
    later = [field.model_copy(update={"lesson": 1 + at}) for at, field in enumerate(template.fields)]
    whole = template.model_copy(update={"fields": tuple(later)})
    part = whole.at(lesson)
    assert [field.key for field in part.fields] == [field.key for field in whole.fields if field.lesson <= lesson]
    asked(part, given_)
    assert Template.model_validate(part.model_dump()) == part


def test_scenarios_forms_are_templates_and_come_back_as_they_were() -> None:
    for scenario in library().values():
        truth = draw_case(scenario, "zh-CN", 7, 0, date(2026, 11, 20)).truth
        assert record_fields(template_of(truth.form, truth.fields)) == truth.fields


@settings(max_examples=30)
@given(templates(), st.integers())
def test_a_preview_has_no_faults(template: Template, seed: int) -> None:
    assert faults(template, sample(template, "en", random.Random(seed), date(2026, 11, 20))) == ()


@settings(deadline=None)  # the first text loads the dictionary
@given(st.text())
def test_any_text_is_cut_into_words_that_an_index_can_hold(text: str) -> None:
    for word in [*words(text), *searched(text), *name_terms(text[:80])]:
        assert word
        assert word.isalnum() or any(not one.isascii() for one in word)
        assert " " not in word
        assert '"' not in word


@given(st.text(alphabet=st.characters(codec="utf-8")), st.dictionaries(st.sampled_from(["caller", "name"]), st.text()))
def test_blanks_are_filled_once_whatever_is_in_them(name: str, values: dict[str, str]) -> None:
    assert blanks.filled("{name}", {"name": name}) == name
    assert blanks.filled("{caller|you}!", values) == f"{values.get('caller') or 'you'}!"
    assert isinstance(blanks.caller(name, "f", "zh-CN"), str)


def test_identity_numbers_have_a_day_and_a_check_digit() -> None:
    assert is_id_number("11010519491231002X")
    assert is_id_number(" １１０１０５１９４９１２３１００２x ")
    for wrong in ("110105194912310021", "11010519490231002X", "1101051949123100", "x" * 18, ""):
        assert not is_id_number(wrong)
