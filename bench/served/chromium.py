"""A real Chromium with the desk open in it: the host's own, or the one that the browser tests have fetched."""

import importlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

_TESTS = Path(__file__).parents[2] / "tests"
_SWITCHES = (
    "headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
    "disable-component-update", "disable-sync", "disable-dev-shm-usage", "disable-background-timer-throttling",
    "host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost, EXCLUDE 127.0.0.1",
)  # fmt: skip


@contextmanager
def chromium(profile: Path) -> Iterator[Chrome]:
    """One browser, 1366 × 768."""
    program, driver, environment = _found()
    options = ChromeOptions()
    options.binary_location = program
    for switch in (*_SWITCHES, f"user-data-dir={profile}"):
        options.add_argument(f"--{switch}")
    found = Chrome(options, Service(driver, env={**os.environ, **environment}))
    try:
        found.set_window_size(1366, 768)
        yield found
    finally:
        found.quit()


def _found() -> tuple[str, str, dict[str, str]]:
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program and driver:
        return program, driver, {}
    sys.path.append(str(_TESTS))
    debian: Any = importlib.import_module("debian_tree")
    tree: Path = debian.debian_tree(debian.VAR / "browser", ["chromium", "chromium-driver"])
    environment = {
        "LD_LIBRARY_PATH": debian.library_path(tree, "usr/lib/*-linux-gnu/pulseaudio", "usr/lib/chromium"),
        "FONTCONFIG_SYSROOT": str(tree),
        "XDG_DATA_DIRS": str(tree / "usr/share"),
    }
    return str(tree / "usr/lib/chromium/chromium"), str(tree / "usr/bin/chromedriver"), environment
