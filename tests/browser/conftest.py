"""A real Chromium for the tests of this folder: the host's own, or Debian's unpacked into `var/browser`."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from debian_tree import VAR, debian_tree, library_path, will_run
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from telephony.debian.errors import DebianError

SWITCHES = (
    "headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
    "disable-component-update", "disable-sync", "disable-dev-shm-usage", "autoplay-policy=no-user-gesture-required",
    "host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost, EXCLUDE 127.0.0.1",
)  # fmt: skip


@dataclass(frozen=True)
class Browser:
    """Where Chromium and its driver are, and what they need in their environment."""

    program: Path
    driver: Path
    environment: dict[str, str] = field(default_factory=dict)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fetch the browser now if it must be fetched; if it can't be, its tests say why."""
    if will_run(session, Path(__file__).parent):
        with suppress(DebianError):
            _find()


@pytest.fixture(scope="session")
def chromium() -> Browser:
    """The host's Chromium with its driver; if it has none, Debian's own packages, fetched aside without root."""
    return _find()


def _find() -> Browser:
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program and driver:
        return Browser(Path(program), Path(driver))
    return _private()


def _private() -> Browser:
    tree = debian_tree(VAR / "browser", ["chromium", "chromium-driver"])
    environment = {
        "LD_LIBRARY_PATH": library_path(tree, "usr/lib/*-linux-gnu/pulseaudio", "usr/lib/chromium"),
        "FONTCONFIG_SYSROOT": str(tree),
        "XDG_DATA_DIRS": str(tree / "usr/share"),
    }
    return Browser(tree / "usr/lib/chromium/chromium", tree / "usr/bin/chromedriver", environment)


@pytest.fixture(scope="session")
def browser(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One Chromium for all tests, with no way out to the network."""
    options = ChromeOptions()
    options.binary_location = str(chromium.program)
    for switch in (*SWITCHES, f"user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(f"--{switch}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = Chrome(options, Service(str(chromium.driver), env={**os.environ, **chromium.environment}))
    yield driver
    driver.quit()


@pytest.fixture
def open_page(browser: Chrome) -> Iterator[Callable[[str], Chrome]]:
    """A function that opens an address in the browser, whose logs then hold nothing older."""

    def opener(address: str) -> Chrome:
        browser.get("about:blank")
        browser.set_window_size(1366, 768)
        for kind in ("performance", "browser"):
            browser.get_log(kind)
        browser.get(address)
        return browser

    yield opener
    browser.get("about:blank")
