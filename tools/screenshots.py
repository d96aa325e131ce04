"""`make screenshots`: a real lab with example data, and pictures of its main pages in a real Chromium.

A lab a language, each in a folder of its own with ports of its own; nothing of the project's `var/` but the switch is
used. With Pillow installed the pictures are reduced to 256 colours.
"""

import argparse
import asyncio
import io
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from datasets.language import LANGUAGES, Language
from lab_server.bootstrap import prepare
from lab_server.config import Settings, load
from lab_server.store.engine import open_engine
from lab_server.supervisor import Supervisor
from telephony.clock import SystemClock
from tools import example_school
from tools.example_school import SECRET, STUDENT, TEACHER, ExampleSchool

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs/images"
WIDTH, HEIGHT = 1366, 768
WITHIN_S = 60.0
SWITCHES = (
    "headless=new", "no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking", "disable-sync",
    "disable-dev-shm-usage", "use-fake-device-for-media-stream", "use-fake-ui-for-media-stream",
    "autoplay-policy=no-user-gesture-required", "allow-loopback-in-peer-connection",
    "host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost, EXCLUDE 127.0.0.1",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Take every picture; the exit status."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where the pictures go")
    parser.add_argument("--dark", action="store_true", help="the dark scheme (to look at; the README shows the light)")
    parser.add_argument("--lang", choices=LANGUAGES, action="append", help="only this language")
    options = parser.parse_args(arguments)
    if not (program := shutil.which("chromium") or shutil.which("google-chrome")):
        print("screenshots: there is no chromium here: install it with its driver (chromium-driver)", file=sys.stderr)
        return 1
    options.folder.mkdir(parents=True, exist_ok=True)
    for language in options.lang or LANGUAGES:
        folder = Path(tempfile.mkdtemp(prefix="rs-look-", dir="/tmp"))
        try:
            asyncio.run(_lab(folder, program, language, options.folder, dark=options.dark))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


async def _lab(folder: Path, program: str, language: Language, images: Path, *, dark: bool) -> None:
    settings, clock = _settings(folder, language), SystemClock()
    site_id = (await asyncio.to_thread(prepare, settings, clock)).site_id
    engine = open_engine(settings.database)
    try:
        school = await asyncio.to_thread(example_school.fill, engine, clock, site_id, language)
    finally:
        engine.dispose()
    supervisor = Supervisor(settings, clock, web=True)
    await supervisor.start()
    try:
        await asyncio.to_thread(_pictures, folder, program, settings, school, images, dark=dark)
    finally:
        await supervisor.stop()


def _settings(folder: Path, language: Language) -> Settings:
    sip, lab, http, ami, web = _free_ports(5)
    return load(
        var=folder / "v", language=language, speech="espeak", seats=12, asterisk=str(ROOT / "var/pbx/tree"),
        sip_port=sip, lab_port=lab, http_port=http, ami_port=ami, web_port=web, rtp_from=18_000, rtp_to=18_499,
        number_prefixes=("163", "164"),
        site_name={"zh-CN": "呼叫中心实训室", "en": "Call-centre lab"}[language],
    )  # fmt: skip


def _free_ports(count: int) -> list[int]:
    """They are given back before the lab takes them: that another program is faster is unlikely, and is told."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _pictures(
    folder: Path, program: str, settings: Settings, school: ExampleSchool, images: Path, *, dark: bool
) -> None:
    options = ChromeOptions()
    options.binary_location = program
    for switch in (*SWITCHES, f"user-data-dir={folder / 'profile'}", f"window-size={WIDTH},{HEIGHT}"):
        options.add_argument(f"--{switch}")
    spoken = {"LANGUAGE": settings.language.replace("-", "_")}  # of what the browser itself says
    driver = Chrome(options, Service(shutil.which("chromedriver") or "chromedriver", env={**os.environ, **spoken}))
    try:
        metrics = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        Look(driver, f"http://localhost:{settings.web_port}", settings.language, images).everything(school)
    finally:
        driver.quit()


class Look:
    """A walk through the pages: first as a student in a call, then as the teacher."""

    def __init__(self, driver: Chrome, origin: str, language: Language, images: Path) -> None:
        self._driver, self._origin, self._language, self._images = driver, origin, language, images

    def everything(self, school: ExampleSchool) -> None:
        self._until(lambda: self._open("/signin"))
        self._picture("signin")
        self._sign_in(STUDENT)
        self._call()
        self._pages({
            "day": "/day", "customer": f"/customers/{school.customer}", "ticket": f"/tickets/{school.ticket}",
            "order": f"/orders/{school.order}", "knowledge": f"/knowledge?language={self._language}",
        })  # fmt: skip
        self._driver.delete_all_cookies()
        self._sign_in(TEACHER)
        self._pages({"class": f"/classes/{school.klass}", "form": f"/forms/{school.form}"})

    def _pages(self, paths: Mapping[str, str]) -> None:
        for name, path in paths.items():
            self._open(path)
            self._picture(name)

    def _sign_in(self, login: str) -> None:
        self._open("/signin")
        self._driver.find_element(By.ID, "login").send_keys(login)
        self._driver.find_element(By.ID, "password").send_keys(SECRET, Keys.ENTER)
        self._until(lambda: "/signin" not in self._driver.current_url and self._has("form[action='/signout']"))

    def _call(self) -> None:
        """One virtual caller, from the button to the scorecard."""
        self._open("/")
        self._driver.find_element(By.CSS_SELECTOR, "form[action='/desk/call'] button").click()
        self._until(lambda: self._desk() == "ringing" and self._has("#pop article h1"))
        self._picture("ringing")
        self._key(Keys.F2)
        self._until(lambda: self._desk() == "talking" and self._has("#form input:enabled"))
        time.sleep(8)  # the caller says who it is and what it wants: the page has more to show
        field = self._driver.find_element(By.CSS_SELECTOR, "#form .field:not([hidden]) input")
        field.send_keys({"zh-CN": "压力锅", "en": "Pressure cooker"}[self._language])
        self._until(lambda: {"zh-CN": "已保存", "en": "Saved"}[self._language] in self._text("[data-part=kept]"))
        self._picture("desk")
        self._key(Keys.F9)
        self._until(lambda: self._state() == "wrap_up")
        for _ in range(2):  # what is missing is said once, then it may be sent as it is
            self._key(Keys.ALT, "w")
            self._until(lambda: self._state() != "wrap_up" or self._text("[data-part=faulty]"))
        self._until(lambda: self._has("#pop .score[data-state=graded]"))
        self._picture("scorecard")

    def _open(self, path: str) -> bool:
        try:
            self._driver.get(f"{self._origin}{path}{'&' if '?' in path else '?'}lang={self._language}")
        except WebDriverException:  # the pages are not there yet
            return False
        return True

    def _desk(self) -> str:
        return str(self._driver.execute_script("return document.getElementById('desk')?.dataset.call || ''"))

    def _state(self) -> str:
        return str(self._driver.execute_script("return document.getElementById('desk')?.dataset.state || ''"))

    def _has(self, selector: str) -> bool:
        return bool(self._driver.find_elements(By.CSS_SELECTOR, selector))

    def _text(self, selector: str) -> str:
        """What can be read there: nothing while it is hidden."""
        return self._driver.find_element(By.CSS_SELECTOR, selector).text

    def _key(self, *keys: str) -> None:
        self._driver.switch_to.active_element.send_keys(*keys)

    def _until(self, holds: Callable[[], object]) -> None:
        passing = [NoSuchElementException, StaleElementReferenceException]
        WebDriverWait(self._driver, WITHIN_S, 0.1, passing).until(lambda _: holds())

    def _picture(self, name: str) -> None:
        file = self._images / f"{name}-{self._language}.png"
        file.write_bytes(reduced(self._driver.get_screenshot_as_png()))
        print(f"{file.name}: {file.stat().st_size >> 10} KB", flush=True)


def reduced(png: bytes) -> bytes:
    """With 256 colours if Pillow is there, else as it is."""
    try:
        from PIL import Image  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 (only if it is there)
    except ImportError:
        return png
    with io.BytesIO() as out:
        Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
            out, "PNG", optimize=True
        )
        return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
