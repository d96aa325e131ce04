"""A real switch, the real web process and real Chromium pages as phones; callers ring a page by the dialplan."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import soundfile
from private_pbx import free_ports, start_pbx
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from sip_caller import SipCaller, Sound

from lab_server.seat_pass import SeatPasses
from telephony.asterisk.process import Pbx
from telephony.clock import SystemClock
from telephony.speech.espeak import ESpeak
from telephony.speech.wavfile import read_wav

SWITCHES = (
    "headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
    "disable-component-update", "disable-sync", "disable-dev-shm-usage", "use-fake-device-for-media-stream",
    "autoplay-policy=no-user-gesture-required", "allow-loopback-in-peer-connection",
    "host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost, EXCLUDE 127.0.0.1",
)  # fmt: skip
CONTACT = "01HZZZZZZZZZZZZZZZZZZZZZZZ"


def until(condition: Callable[[], object], what: str, within_s: float = 15.0) -> float:
    """Ask again and again; how long it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within_s, f"waited {within_s} s for {what}"
        time.sleep(0.01)
    return time.monotonic() - began


@dataclass
class Lab:
    """What `phone_lab` gives."""

    pbx: Pbx
    folder: Path
    port: int
    page_says: Sound
    caller_says: Sound
    browsers: Callable[..., Chrome]
    _thread: ThreadPoolExecutor
    _web: subprocess.Popen[bytes] | None = None
    callers: list[SipCaller] = field(default_factory=list)

    # -- the web process ----------------------------------------------------------------------------------------------

    def start_web(self) -> None:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("RINGSIDE_", "DATABASE_URL"))
        }
        settings = {"VAR": self.folder / "v", "WEB_PORT": self.port, "HTTP_PORT": self.pbx.settings.http_port}
        with (self.folder / "web.log").open("ab") as log:
            self._web = subprocess.Popen(
                [sys.executable, "-m", "web"],
                env=clean | {f"RINGSIDE_{name}": str(value) for name, value in settings.items()},
                stderr=log,
            )

        def answers() -> bool:
            assert self._web is not None and self._web.poll() is None, (self.folder / "web.log").read_text()
            try:
                opener = build_opener(ProxyHandler({}))
                return bool(opener.open(f"http://127.0.0.1:{self.port}/healthz", timeout=2).status == 200)
            except URLError:
                return False

        until(answers, "the web process", 60)

    def stop_web(self, how: signal.Signals = signal.SIGTERM) -> None:
        assert self._web is not None
        self._web.send_signal(how)
        self._web.wait(10)

    def web_pid(self) -> int:
        assert self._web is not None
        return self._web.pid

    # -- the switch ---------------------------------------------------------------------------------------------------

    def console(self, command: str) -> str:
        return str(self._thread.submit(asyncio.run, self.pbx.console(command)).result())

    def dialplan(self, context: str, number: str, *steps: str) -> None:
        for priority, step in enumerate(steps, 1):
            self.console(f'dialplan add extension "{number},{priority},{step}" into {context} replace')

    def channels(self) -> int:
        found = self.console("core show channels count").split()
        return int(found[0])

    def registered(self, seat: str = "1001") -> bool:
        return "Avail" in self.console(f"pjsip show aor {seat}-web")

    # -- who talks ----------------------------------------------------------------------------------------------------

    def rings(self, number: str = "7001", **how: Any) -> SipCaller:
        lab = self.pbx.settings
        caller = SipCaller(lab.lab_peer, (lab.lab_address, lab.lab_port), number, self.caller_says, **how)
        self.callers.append(caller)
        return caller

    def link(self, seat: str = "1001", host: str = "localhost") -> str:
        word = SeatPasses(self.folder / "v/secrets", SystemClock()).link(seat)
        return f"http://{host}:{self.port}/phone/open?pass={word}"

    def open(self, seat: str = "1001", browser: Chrome | None = None, lang: str = "en", **how: Any) -> "PhonePage":
        """A page at the seat whose phone is on."""
        page = PhonePage(browser or self.browsers(**how))
        page.browser.get(self.link(seat))
        page.browser.get(f"http://localhost:{self.port}/phone?lang={lang}")
        until(
            lambda: page.state() == ("off", "none"), f"a phone that is off, not {page.state()} {page.text('message')}"
        )
        page.press("on")
        return page


class PhonePage:
    """The page /phone in a browser."""

    def __init__(self, browser: Chrome) -> None:
        self.browser = browser

    def state(self) -> tuple[str, str]:
        """Line and call, as the page shows them."""
        found = self.browser.execute_script(
            "const p = document.getElementById('phone'); return p ? [p.dataset.line, p.dataset.call] : ['', ''];"
        )
        return found[0], found[1]

    def line(self) -> str:
        return self.state()[0]

    def call(self) -> str:
        return self.state()[1]

    def press(self, what: str) -> None:
        self.browser.find_element(By.CSS_SELECTOR, f'[data-do="{what}"]').click()

    def key(self, key: str) -> None:
        self.browser.find_element(By.CSS_SELECTOR, f'[data-key="{key}"]').click()

    def text(self, part: str) -> str:
        return self.browser.find_element(By.CSS_SELECTOR, f'[data-part="{part}"]').text

    def ready(self) -> "PhonePage":
        until(lambda: self.line() == "ready", "the page's phone")
        return self

    def hears(self, seconds: float) -> list[float]:
        """The loudness of what the page plays, every 50 ms."""
        return list(
            self.browser.execute_async_script(
                """
                const [seconds, done] = arguments;
                const stream = document.querySelector('[data-part="speaker"]').srcObject;
                const context = new AudioContext();
                const analyser = context.createAnalyser();
                analyser.fftSize = 2048;
                context.createMediaStreamSource(stream).connect(analyser);
                const samples = new Float32Array(2048), found = [];
                const timer = setInterval(() => {
                  analyser.getFloatTimeDomainData(samples);
                  found.push(Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length));
                  if (found.length >= seconds * 20) { clearInterval(timer); context.close(); done(found); }
                }, 50);
                """,
                seconds,
            )
        )


@contextmanager
def phone_lab(tree: Path, folder: Path, chromium: Any) -> Iterator[Lab]:
    """Everything, stopped at the end."""
    page_says, caller_says = (
        speech(folder / "page.wav", "en/m1", PAGE_TEXT),
        speech(folder / "caller.wav", "en/f1", CALLER_TEXT),
    )
    drivers: list[Chrome] = []

    def browser(microphone: str = "fake") -> Chrome:
        options = ChromeOptions()
        options.binary_location = str(chromium.program)
        profile = folder / f"profile{len(drivers)}"
        for switch in (*SWITCHES, f"user-data-dir={profile}", f"use-file-for-fake-audio-capture={folder / 'page.wav'}"):
            options.add_argument(f"--{switch}")
        if microphone == "fake":
            options.add_argument("--use-fake-ui-for-media-stream")
        else:
            options.add_experimental_option("prefs", {"profile.default_content_setting_values.media_stream_mic": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        made = Chrome(options, Service(str(chromium.driver), env={**os.environ, **chromium.environment}))
        made.set_window_size(1366, 768)
        made.set_script_timeout(30)
        drivers.append(made)
        return made

    with ThreadPoolExecutor(1) as thread:
        pbx = start_pbx(tree, folder / "pbx", thread)
        lab = Lab(pbx, folder, free_ports(1)[0], page_says, caller_says, browser, thread)
        try:
            secrets = folder / "v/secrets"
            secrets.mkdir(parents=True)
            (secrets / "pbx.json").write_text(
                json.dumps({f"web-{seat.number}": seat.web_password for seat in pbx.settings.seats})
            )
            lab.console("module load app_dial.so")
            contact = f"Set(PJSIP_HEADER(add\\,X-Ringside-Contact)={CONTACT})"
            auto = "Set(PJSIP_HEADER(add\\,Call-Info)=<sip:ringside>\\;answer-after=0)"
            lab.dialplan("lab-pages", "s", contact, "Return()")
            lab.dialplan("lab-pages", "auto", auto, contact, "Return()")
            for seat in pbx.settings.seats:
                page = f"PJSIP/{seat.web_user}"
                lab.dialplan("from-lab", f"7{seat.number[1:]}", f"Dial({page}\\,30\\,b(lab-pages^s^1))")
                lab.dialplan("from-lab", f"8{seat.number[1:]}", f"Dial({page}\\,30\\,b(lab-pages^auto^1))")
            lab.start_web()
            yield lab
        finally:
            for caller in lab.callers:
                caller.close()
            for driver in drivers:
                driver.quit()
            if lab._web is not None and lab._web.poll() is None:
                lab.stop_web()
            thread.submit(asyncio.run, pbx.stop(grace_s=1)).result()


PAGE_TEXT = (
    "Good morning, you are speaking with the service desk. What may I do for you today? Please tell me your name."
)
CALLER_TEXT = (
    "Hello, my parcel has not come. I have been waiting for nine days now, and nobody tells me anything at all."
)


def speech(path: Path, voice: str, text: str) -> Sound:
    """A spoken sentence, 8 kHz; also as a file at 48 kHz, as Chromium's microphone wants it."""
    narrow = path.with_suffix(".8k.wav")
    ESpeak().synthesise(text, "en", voice, narrow)
    sound = read_wav(narrow)
    soundfile.write(path, sound.repeat(6), 48_000, subtype="PCM_16")
    return sound
