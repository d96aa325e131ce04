"""A wrong scenario file is refused with file, line, field and reason, and all of it at once."""

from pathlib import Path

import pytest

from scenarios.errors import Problem, ScenarioFileError, UnknownScenarioError
from scenarios.load import LIBRARY, from_library, library, load, loads
from scenarios.marked_yaml import MAX_BYTES

GOOD = (LIBRARY / "order.yaml").read_text(encoding="utf-8")


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioFileError) as caught:
        loads(text, "mine.yaml")
    return caught.value.problems


def changed(old: str, new: str, text: str = GOOD) -> str:
    assert old in text
    return text.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_the_library_has_three_scenarios_in_both_languages() -> None:
    found = library()
    assert set(found) == {"complaint", "order", "survey"}
    assert found["survey"].direction == "out"
    for scenario in found.values():
        assert scenario.languages == ("zh-CN", "en")
        assert sum(item.points for item in scenario.rubric.items) == 100
        assert 5 <= sum(not fact.given for fact in scenario.facts) <= 8


def test_an_unknown_name_is_told_which_names_there_are() -> None:
    with pytest.raises(UnknownScenarioError, match="complaint, order, survey"):
        from_library("fax")


def test_every_problem_is_found_not_only_the_first() -> None:
    text = changed("direction: in", "direction: sideways")
    text = changed("version: 1", "version: zero", text)
    text = changed("pass_mark: 60", "pass_mark: 600", text)
    found = problems(text)
    assert [problem.field for problem in found] == ["version", "direction", "rubric.pass_mark"]
    assert [problem.line for problem in found] == [
        line_of(text, problem.field.split(".")[-1] + ":") for problem in found
    ]
    assert "'sideways'" in found[1].reason
    assert str(found[0]).startswith("mine.yaml:3: version: ")


def test_a_field_nobody_knows_and_one_that_is_missing() -> None:
    text = changed("queue: order\n", "que: order\n")
    found = {problem.field: problem for problem in problems(text)}
    assert found["que"].reason == "is not a field that belongs here"
    assert found["que"].line == line_of(text, "que: order")
    assert found["queue"].reason == "is missing"


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ("tells: [address]", "tells: [adress]", "lines.2", "'adress'"),
        ("    tells: [address]\n", "", "lines.2.says.zh-CN", "{address} is said here"),
        ('polite: "{address}。"', "polite: 好的。", "lines.2.says.zh-CN", "{address} is not in the text"),
        ("answers: [ask_address]", "answers: [ask_house]", "lines.2.answers", "'ask_house'"),
        ("answers: [ask_address]", "answers: [ask_contact]", "agent.asks.1", "no line of the caller's answers"),
        ("follows: address", "follows: nothing", "lines.3.follows", "'nothing'"),
        ("when: {fact: quantity, changed: true}", "when: {fact: amount}", "lines.3.when", "'amount'"),
        ("high: 4, changes: 0.4", "high: 4", "lines.3.when", "never changes its mind"),
        ("role: goodbye", "role: puzzled", "lines", "no line with role goodbye"),
        ("id: variant", "id: address", "lines", "'address' is here 2 times"),
        ("{value: cod,", "{value: cheque,", "facts.4.draw.options.0.value", "'cheque'"),
        ("en: TV shopping order", "fr: Commande", "title", "fr"),
        ("en: TV shopping order", 'en: " "', "title.en", "is empty"),
        ("impatient: 快点发货！", "cross: 快", "lines.9.says.zh-CN.cross", "'polite' or 'impatient'"),
        ("kind: field, field: pay,", "kind: field, field: payment,", "rubric.items.3.field", "'payment'"),
        (
            "{upto: 8, share: 1}, {upto: 15, share: 0.5}",
            "{upto: 8, share: 1}, {upto: 5, share: 0.5}",
            "rubric.items.8",
            "up",
        ),
        ("speech_rate: {low: 1.0, high: 1.2}", "speech_rate: {low: 0, high: 1.2}", "persona", "from 0.5"),
        ("from: person.phone", "from: product.name", "facts.7.kind", "text, not phone"),
        ("    depends_on: [product, quantity]\n\nlines", "\nlines", "facts.8", "depends_on"),
        ("intent: greet", "intent: hello", "agent.greet.intent", "'greet'"),
        ("zh-CN: 送到哪儿？", "zh-CN: " + "'{name}，送到哪儿？'", "agent.asks.1.says.zh-CN", "no places"),
    ],
)
def test_parts_that_do_not_fit_together_are_named(old: str, new: str, field: str, reason: str) -> None:
    text = changed(old, new)
    found = problems(text)
    assert any(problem.field.startswith(field) and reason in problem.reason for problem in found), found
    assert all(0 < problem.line <= len(text.splitlines()) for problem in found)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("# only a comment\n", "is empty"),
        ("id: [a, b", "is not YAML"),
        ("id: a\nid: b\n", "a second time"),
        ("a: &x 1\nb: *x\n", "aliases"),
        ("a: !!python/object/apply:os.system ['true']\n", "is missing"),
        ("[" * 40 + "]" * 40, "nested deeper"),
        ("id: a\n---\nid: b\n", "is not YAML"),
        ("just words", "valid dictionary"),
        ("- 1\n- 2\n", "valid dictionary"),
        ("? {a: 1}\n: 2\n", "is missing"),
    ],
)
def test_hostile_and_broken_yaml(text: str, reason: str) -> None:
    assert any(reason in problem.reason for problem in problems(text))


def test_an_alias_bomb_is_refused_before_it_is_built() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    assert "aliases" in problems(bomb)[0].reason


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"id: order\ntitle: \xe9t\xe9\n")
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * (MAX_BYTES + 1))
    for path, reason, line in (
        (latin, "not UTF-8", 2),
        (huge, "larger than", 0),
        (tmp_path / "no.yaml", "cannot be", 0),
    ):
        with pytest.raises(ScenarioFileError) as caught:
            load(path)
        (problem,) = caught.value.problems
        assert (problem.file, problem.line) == (str(path), line)
        assert reason in problem.reason


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load(path).id == "order"
