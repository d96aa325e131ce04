"""`ringside scenario …`: check a scenario file, list the library, look at a drawn case."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from datasets.language import LANGUAGES, Language
from lab_server.cli.told import told
from lab_server.config import load as load_settings
from scenarios.case import Case
from scenarios.errors import ScenarioFileError
from scenarios.load import from_library, library, load
from scenarios.persona import draw_case
from scenarios.profiles import PROFILES
from scenarios.rehearsal import rehearse_case
from scenarios.schema import Scenario

app = typer.Typer(no_args_is_help=True, help="Scenarios: what a call is about.")

_SAMPLE = 20  # cases drawn to estimate how long a call is


@contextmanager
def _told() -> Iterator[None]:
    """Our errors become a sentence, or a line for each problem, and exit status 1."""
    with told("scenario", status=1):
        try:
            yield
        except ScenarioFileError as error:
            for problem in error.problems:
                typer.echo(str(problem), err=True)
            raise typer.Exit(1) from error


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A scenario in YAML.")]) -> None:
    """Say everything that is wrong with a file, or what is in it and how long a call takes."""
    with _told():
        scenario = load(file)
        recorded = sum(not fact.given for fact in scenario.facts)
        typer.echo(
            f"{scenario.id} version {scenario.version}: {len(scenario.lines)} lines, {recorded} facts,"
            f" {len(scenario.rubric.items)} rubric items, {sum(item.points for item in scenario.rubric.items)} points"
        )
        for language in scenario.languages:
            shortest, mean, longest = _lengths(scenario, language)
            typer.echo(f"{language}: {scenario.title[language]}: a call takes about {shortest:.0f} to {longest:.0f} s")
            typer.echo(f"{language}: on average {mean:.0f} s, when an agent asks for everything")


@app.command("list")
def list_scenarios() -> None:
    """The scenarios that come with Ringside."""
    with _told():
        for scenario in library().values():
            titles = ", ".join(scenario.title[language] for language in scenario.languages)
            typer.echo(f"{scenario.id}\t{scenario.direction}\t{', '.join(scenario.languages)}\t{titles}")


@app.command()
def show(
    scenario: Annotated[str, typer.Argument(help="The id of a scenario of the library, or a file.")],
    *,
    seed: Annotated[int, typer.Option(help="The class's seed.")] = 7,
    index: Annotated[int, typer.Option(help="Which caller of the class, from 0.")] = 0,
    lang: Annotated[str, typer.Option(help="zh-CN or en.")] = "zh-CN",
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of the call (today).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole case as JSON.")] = False,
) -> None:
    """Draw one case and print who rings, what is true and what is said."""
    if lang not in LANGUAGES:
        raise typer.BadParameter(f"expected one of {', '.join(LANGUAGES)}", param_hint="--lang")
    with _told():
        # a file is named with its ending, so that a stray folder called `order` does not hide the library's scenario
        found = load(Path(scenario)) if scenario.endswith((".yaml", ".yml")) else from_library(scenario)
        case = draw_case(found, lang, seed, index, day.date() if day else _today())
        typer.echo(case.model_dump_json(indent=2) if as_json else "\n".join(_described(found, case)))


def _today() -> date:
    return datetime.now(load_settings().zone).date()


def _lengths(scenario: Scenario, language: Language) -> tuple[float, float, float]:
    """Shortest, mean and longest call in seconds, over a sample of cases."""
    cases = (draw_case(scenario, language, 7, index, date(2026, 3, 6)) for index in range(_SAMPLE))
    lengths = [rehearse_case(scenario, case, PROFILES["perfect"])[0].length_s for case in cases]
    return min(lengths), sum(lengths) / len(lengths), max(lengths)


def _described(scenario: Scenario, case: Case) -> Iterator[str]:
    person = case.person
    yield f"{case.id} ({case.title}), {case.today}"
    yield f"{person.name}, {person.age}, {case.temper}, {case.caller_number}, {person.address.text}"
    yield f"waits {case.patience_s:g} s, {'rings again' if case.rings_again else 'does not ring again'}"
    for fact in case.truth.facts:
        yield f"  {fact.key} = {fact.value}" + (f" (at first {fact.first})" if fact.first else "")
    played, texts = rehearse_case(scenario, case, PROFILES["perfect"])
    for turn in played.turns:
        yield f"  {turn.began_s:5.1f} s  {turn.who:6}  {texts[f'{turn.who}:{turn.line}']}"
