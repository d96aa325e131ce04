"""The results as a table for people and as plain data for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from bench.harness import Result


def as_data(machine: Mapping[str, object], results: Sequence[Result]) -> dict[str, object]:
    """What `--json` writes: `{"machine": …, "benches": [{"name", "about", "rows", "took_s", "error", "trace"}]}`."""
    return {"machine": dict(machine), "benches": [asdict(result) for result in results]}


def show_machine(console: Console, machine: Mapping[str, object]) -> None:
    """One line on the machine, and a warning if it is busy with something else."""
    console.print("{cpu}, {cores} cores, {memory_gb} GB, {system}, {python}".format(**machine))
    if float(str(machine["load_before"])) > 0.5:
        console.print(f"[yellow]load is {machine['load_before']} already: figures will be worse than they should be")


def show(console: Console, result: Result) -> None:
    """One bench's rows, or why there are none."""
    table = Table(title=f"{result.name}: {result.about}  ({result.took_s:.0f} s)", title_justify="left")
    for heading, right in (("figure", 0), ("value", 1), ("unit", 0), ("beside", 1), ("times", 1), ("note", 0)):
        table.add_column(heading, justify="right" if right else "left")
    for row in result.rows:
        table.add_row(row.name, _figure(row.value), row.unit, _figure(row.reference), _figure(row.ratio), row.note)
    if result.rows:
        console.print(table)
    if result.error:
        console.print(f"[red]{result.name} broke:[/red] {result.error}", markup=True, highlight=False)
        console.print(result.trace, markup=False, highlight=False)


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
