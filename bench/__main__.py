"""`python -m bench [names…] [--quick] [--json FILE]`: measure; a table and JSON. Exit status 1 if a bench broke."""

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console

from bench import harness, machine, table


def main(arguments: list[str] | None = None) -> int:
    """Parse, run one bench after the other, print each as it is done, write the JSON at the end."""
    known = harness.names()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"which: {', '.join(known)} (all)")
    parser.add_argument("--quick", action="store_true", help="small runs that only show that the benches work")
    parser.add_argument(
        "--json",
        default="var/bench.json",
        metavar="FILE",
        help="JSON goes there, too; -: nowhere else (%(default)s)",
    )
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(known))
    if unknown:
        parser.error(f"there is no bench {', '.join(unknown)}; there are {', '.join(known)}")
    console, here, results = Console(width=None if sys.stdout.isatty() else 120), machine.describe(), []
    table.show_machine(console, here)
    for result in harness.run_all(options.names or known, options.quick):
        table.show(console, result)
        results.append(result)
    written = json.dumps(table.as_data(here, results), indent=2)
    if options.json != "-":
        file = Path(options.json)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written + "\n", encoding="utf-8")
        console.print(f"as JSON: {file}")
    print(written)
    return 1 if any(result.error for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
