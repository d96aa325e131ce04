"""`python -m bench`: figures with their machine as JSON, and an exit status that tells when a bench broke."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOUND = """
from bench.harness import Bench, Row
BENCH = Bench("sound", lambda quick: [Row("answer", 4200.0, "s")])
"""


def bench(*arguments: str, at: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=at, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_quick_run_writes_figures_and_machine(tmp_path: Path) -> None:
    done = bench("simulator", "--quick", "--json", str(tmp_path / "new" / "bench.json"))
    assert done.returncode == 0, done.stderr
    assert "speed, bulk" in done.stdout
    written = json.loads((tmp_path / "new" / "bench.json").read_text(encoding="utf-8"))
    assert {"cores", "cpu", "python", "packages"} <= set(written["machine"])
    rows = {row["name"]: row for row in written["benches"][0]["rows"]}
    assert rows["speed, bulk"]["value"] > 0
    assert rows["speed, bulk"]["ratio"] == rows["speed, bulk"]["value"] / rows["speed, ciw"]["value"]
    assert 0.5 < rows["mean wait, bulk"]["ratio"] < 2


def test_a_bench_that_breaks_is_shown_and_keeps_no_other_from_running(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "bench", tmp_path / "bench", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "bench" / "broken.py").write_text("raise OSError('the switch is not there')\n", encoding="utf-8")
    (tmp_path / "bench" / "sound.py").write_text(SOUND, encoding="utf-8")
    done = bench("broken", "sound", at=tmp_path)
    assert done.returncode == 1
    assert "broken broke: OSError: the switch is not there" in done.stdout
    assert "4,200" in done.stdout
    assert [one["name"] for one in json.loads((tmp_path / "var/bench.json").read_text())["benches"]] == [
        "broken",
        "sound",
    ]


def test_the_json_can_be_printed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "bench", tmp_path / "bench", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "bench" / "sound.py").write_text(SOUND, encoding="utf-8")
    done = bench("sound", "--json", "-", at=tmp_path)
    assert json.loads(done.stdout[done.stdout.index("\n{") :])["benches"][0]["rows"][0]["value"] == 4200


def test_an_unknown_bench_is_refused_before_anything_runs() -> None:
    done = bench("simulator", "nosuch")
    assert done.returncode == 2
    assert "there is no bench nosuch" in done.stderr
