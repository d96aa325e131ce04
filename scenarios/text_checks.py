"""Every text of a scenario is there in every language, and in no other."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar, cast

from scenarios.schema import MANNERS, AgentLine, Scenario

T = TypeVar("T")
Place = tuple[str, ...]
Finding = tuple[Place, str]


def check_texts(scenario: Scenario) -> Iterator[Finding]:
    """Every text in every language of the scenario, none empty, none in a language it does not have."""
    for place, text in _localised(scenario):
        for language in scenario.languages:
            written = text.get(language)
            if written is None:
                yield place, f"has no text in {language}"
            elif isinstance(written, str) and not written.strip():
                yield (*place, language), "is empty"
            elif isinstance(written, Mapping):
                missing = [manner for manner in MANNERS if not str(written.get(manner, "")).strip()]
                for manner in missing:
                    yield (*place, language), f"has no text for a caller who is {manner}"
        for other in text:
            if other not in scenario.languages:
                yield (*place, other), "is not one of the scenario's languages"


def _localised(scenario: Scenario) -> Iterator[tuple[Place, Mapping[str, object]]]:
    for place, texts in _all_texts(scenario):
        yield place, cast(Mapping[str, object], texts)


def _all_texts(scenario: Scenario) -> Iterator[tuple[Place, object]]:
    yield ("title",), scenario.title
    for at, fact in numbered(("facts",), scenario.facts):
        yield (*at, "title"), fact.title
        for inner, choice in numbered((*at, "choices"), fact.choices):
            yield (*inner, "title"), choice.title
        for inner, option in numbered((*at, "draw", "options"), fact.draw.options):
            yield (*inner, "spoken"), option.spoken
            if option.points:
                yield (*inner, "points"), option.points
    for at, line in numbered(("lines",), scenario.lines):
        yield (*at, "says"), line.says
        if line.again:
            yield (*at, "again"), line.again
    for at, spoken in agent_lines(scenario):
        yield (*at, "says"), spoken.says
        if spoken.curt:
            yield (*at, "curt"), spoken.curt
    for at, item in numbered(("rubric", "items"), scenario.rubric.items):
        yield (*at, "title"), item.title


def numbered(place: Place, items: Iterable[T]) -> Iterator[tuple[Place, T]]:
    """Each item with its place in the file."""
    for index, item in enumerate(items):
        yield (*place, str(index)), item


def agent_lines(scenario: Scenario) -> Iterator[tuple[Place, AgentLine]]:
    """Each line of the talk script with its place in the file."""
    yield ("agent", "greet"), scenario.agent.greet
    yield from numbered(("agent", "asks"), scenario.agent.asks)
    yield ("agent", "close"), scenario.agent.close
