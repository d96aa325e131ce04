"""`ringside plan …`: check a floor plan, draw its menus, and walk through one without a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from datasets.language import LANGUAGES, Language
from datasets.prompts import PROMPTS
from lab_server.cli.told import told
from lab_server.config import load as load_settings
from lab_server.desk.numbers import e164
from lab_server.i18n import Translator, translator
from lab_server.routing.days import announced_until
from lab_server.routing.hours import next_change
from lab_server.routing.ivr import (
    Action,
    Checked,
    CheckMember,
    Collect,
    Event,
    Go,
    Keyed,
    Play,
    Played,
    Said,
    Say,
    SetLanguage,
)
from lab_server.routing.plan import Arrival, FloorPlan
from lab_server.routing.plan_file import PlanFileError, load_plan
from lab_server.routing.screening import Action as Screened
from lab_server.routing.screening import Caller
from lab_server.routing.target import Kind, Target

app = typer.Typer(no_args_is_help=True, help="The floor plan: lines, hours, menus, queues, screening.")

File = Annotated[Path, typer.Argument(help="A floor plan in YAML.")]


@contextmanager
def _told() -> Iterator[None]:
    """A file's faults become a line each, other errors a sentence; exit status 1."""
    with told("plan", status=1):
        try:
            yield
        except PlanFileError as error:
            for problem in error.problems:
                typer.echo(str(problem), err=True)
            raise typer.Exit(1) from error


@app.command()
def check(file: File) -> None:
    """Say everything that is wrong with a plan, or what is in it."""
    with _told():
        plan, words = load_plan(file), translator(load_settings().language)
        nodes = sum(len(menu.nodes) for menu in plan.menus.values())
        counts = words.gettext("{lines} lines, {menus} menus with {nodes} nodes, {queues} queues, {seats} seats")
        figures = {name: len(getattr(plan, name)) for name in ("lines", "menus", "queues", "seats")}
        typer.echo(f"{file}: {counts.format(**figures, nodes=nodes)}")
        if any(hours.holidays == "china" for hours in plan.hours.values()):
            sentence = words.gettext(
                "Chinese holidays with their swapped working days are known until the end of {year}."
            )
            typer.echo(sentence.format(year=announced_until()))


@app.command()
def draw(
    file: File,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The SVG to write.")] = Path("menu.svg"),
    lang: Annotated[str, typer.Option(help="zh-CN, en or both.")] = "both",
) -> None:
    """Draw the menus of a plan."""
    from lab_server.routing.ivr_graph import draw as drawn  # noqa: PLC0415 - only drawing needs the layout's library

    languages = LANGUAGES if lang == "both" else tuple(language for language in LANGUAGES if language == lang)
    if not languages:
        raise typer.BadParameter(f"expected both or one of {', '.join(LANGUAGES)}", param_hint="--lang")
    with _told():
        plan = load_plan(file)
        output.write_text(drawn(plan.menus, plan.prompts, languages), encoding="utf-8")
        typer.echo(str(output))


@app.command()
def show(
    file: File,
    *,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], help="When the call comes, by the site's clock (now)."
        ),
    ] = None,
    caller: Annotated[str, typer.Option("--from", help="Who rings; empty: a withheld number.")] = "",
    dialled: Annotated[str, typer.Option("--to", help="The number that was dialled; empty: the first line's.")] = "",
    keys: Annotated[str, typer.Option(help="What is keyed, with commas: 1,2,1003; nothing between two: silence.")] = "",
    known: Annotated[bool, typer.Option("--known", help="The desk knows the caller.")] = False,
    wrong_pin: Annotated[bool, typer.Option("--wrong-pin", help="No PIN is right.")] = False,
) -> None:
    """Say what would happen to a call: who is let in, which period it is, and where the keys lead."""
    with _told():
        plan, words = load_plan(file), translator(load_settings().language)
        now = at.replace(tzinfo=plan.zone) if at else datetime.now(plan.zone)
        called = dialled or next(iter(plan.lines.values())).numbers[0].rstrip("*")
        ringing = Caller(caller, called, e164(caller), e164(called), recognised=known)
        entries = keys.split(",") if keys else []
        for line in _Shown(plan, words, entries, pin_ok=not wrong_pin).lines(ringing, now):
            typer.echo(line)


@dataclass
class _Shown:
    """One call through a plan, in words."""

    plan: FloorPlan
    words: Translator
    entries: list[str]
    pin_ok: bool
    language: Language = field(init=False, default="zh-CN")

    def lines(self, caller: Caller, now: datetime) -> Iterator[str]:
        _ = self.words.gettext
        arrival = self.plan.arrival(caller, now)
        self.language = arrival.facts.language
        yield _("{moment}, {caller} rings {line}").format(
            moment=self.words.moment(now, self.plan.zone), caller=caller.number or _("a withheld number"),
            line=arrival.line,
        )  # fmt: skip
        yield _("screening: {action}, priority {priority} ({reason})").format(
            action=arrival.verdict.action.value, priority=arrival.verdict.priority, reason=arrival.verdict.reason
        )
        yield from self._period(arrival, now)
        if arrival.verdict.action is Screened.REFUSE or arrival.to is None:
            yield "→ " + _("busy tone")
            return
        yield from (self._spoken(prompt) for prompt in arrival.prompts)
        yield from self._to(arrival, arrival.to)

    def _period(self, arrival: Arrival, now: datetime) -> Iterator[str]:
        _ = self.words.gettext
        name = self.plan.lines[arrival.line].hours
        if name is None or arrival.period is None:
            return
        yield _("hours {hours}: {period}").format(hours=name, period=arrival.period.name)
        change = next_change(self.plan.hours[name], self.plan.zone, now)
        if change:
            moment = self.words.moment(change.at, self.plan.zone)
            yield _("from {moment} on: {period}").format(moment=moment, period=change.period.name)

    def _to(self, arrival: Arrival, to: Target) -> Iterator[str]:
        if to.kind is not Kind.MENU:
            yield f"→ {to}"
            return
        ivr = self.plan.ivr()
        state, action = ivr.begin(to.name, arrival.facts)
        while True:
            self.language = state.facts.language
            yield from self._done(f"{state.menu}/{state.node}", action)
            event = self._answer(action)
            if event is None:
                return
            state, action = ivr.step(state, event)

    def _done(self, place: str, action: Action) -> Iterator[str]:
        _ = self.words.gettext
        match action:
            case Play(prompt):
                yield f"[{place}] {self._spoken(prompt)}"
            case Collect(prompts):
                yield from (f"[{place}] {self._spoken(prompt)}" for prompt in prompts)
                yield "  " + (self._keyed(action) if self.entries else _("(waits for a key)"))
            case CheckMember(number):
                verdict = _("right") if self.pin_ok else _("wrong")
                yield f"[{place}] " + _("PIN of {number}: {verdict}").format(number=number, verdict=verdict)
            case Say(figure, blanks):
                told_of = ", ".join(f"{name} {value}" for name, value in blanks.items())
                yield f"[{place}] <{figure}{': ' if told_of else ''}{told_of}>"
            case SetLanguage(language):
                yield f"[{place}] → {language}"
            case Go(target, otherwise, priority):
                yield f"[{place}] → {target}" + (f" ↪ {otherwise}" if otherwise else "")
                if priority:
                    yield "  " + _("priority {priority} more").format(priority=priority)

    def _keyed(self, action: Collect) -> str:
        entry = self.entries[0]
        shown = "•" * len(entry) if action.rules.secret else entry
        return self.words.gettext("keyed: {keys}").format(keys=shown or self.words.gettext("nothing"))

    def _answer(self, action: Action) -> Event | None:
        """What the caller and the floor do; None: the walk ends here."""
        match action:
            case Collect():
                return Keyed(self.entries.pop(0)) if self.entries else None
            case CheckMember():
                return Checked(self.pin_ok)
            case Say():
                return Said()
            case Go():
                return None
        return Played()

    def _spoken(self, prompt: str) -> str:
        own = self.plan.prompts.get(prompt, {}).get(self.language)
        return own if own is not None else PROMPTS.get((prompt, self.language, 1), prompt)
