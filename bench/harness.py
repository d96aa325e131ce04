"""What a bench is, and how several are run: one that breaks is reported and does not keep the others from running."""

import importlib
import pkgutil
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import bench


@dataclass(frozen=True)
class Row:
    """One measured figure. `reference`: the same figure of what it is measured beside, in the same run; `ratio`: how
    many times the reference it is (whether more is better, the name or `note` says)."""

    name: str
    value: float | None
    unit: str
    reference: float | None = None
    ratio: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Bench:
    """A named measurement. `run(quick)` returns its rows; `quick` asks for a small one that only shows it works."""

    name: str
    run: Callable[[bool], list[Row]]
    about: str = ""


@dataclass(frozen=True)
class Result:
    """What came of one bench: its rows, or why it broke (`error`, with the whole traceback in `trace`)."""

    name: str
    about: str
    rows: list[Row]
    took_s: float
    error: str = ""
    trace: str = ""


def names() -> list[str]:
    """The modules of this folder that may hold a bench."""
    own = {"__main__", "harness", "lines", "machine", "served", "table"}
    return sorted(found.name for found in pkgutil.iter_modules(bench.__path__) if found.name not in own)


def run(name: str, quick: bool) -> Result:
    """Import and run the bench in module `name`, which takes as long as it takes."""
    started_s = time.monotonic()
    about, rows, error, trace = "", [], "", ""
    try:
        found = importlib.import_module(f"bench.{name}").BENCH
        about, rows = found.about, found.run(quick)
    except Exception as cause:  # a bench may break in any way; it is shown, and the exit status says so
        error, trace = f"{type(cause).__name__}: {cause}", traceback.format_exc()
    return Result(name, about, rows, time.monotonic() - started_s, error, trace)


def run_all(chosen: Iterable[str], quick: bool) -> Iterable[Result]:
    """Run one bench after another, never two at once: they would measure each other."""
    for name in chosen:
        yield run(name, quick)
