"""Private PBXs for tests: free ports, a fresh folder, short prompts and music. `conftest.py` makes fixtures of it."""

import asyncio
import os
import random
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import soundfile

from datasets.prompts import AGENT_PROMPT, PROMPTS
from telephony.addresses import own_addresses
from telephony.asterisk.errors import PortTakenError
from telephony.asterisk.process import Pbx
from telephony.asterisk.settings import PbxSettings, Seat

RATE_HZ = 8000
SEATS = tuple(str(1001 + index) for index in range(12))


def start_pbx(tree: Path, home: Path, thread: ThreadPoolExecutor) -> Pbx:
    """Start a PBX on ports that are free; again on others if somebody takes one between looking and starting."""
    for attempt in range(5):
        pbx = Pbx(pbx_settings(tree, home))
        try:
            thread.submit(asyncio.run, pbx.start()).result()
            return pbx
        except PortTakenError:
            if attempt == 4:
                raise
    raise AssertionError("unreachable")


def pbx_settings(tree: Path, home: Path) -> PbxSettings:
    """Settings with free ports, twelve seats, short prompts and music; the folders are filled."""
    sip_port, lab_port, http_port, ami_port = free_ports(4)
    rtp_from = 10_000 + os.getpid() * 7 % 40 * 500  # below the ports the system hands out itself
    prompts = {prompt for prompt, _, _ in PROMPTS} - {AGENT_PROMPT} | {f"agent-{number}" for number in SEATS}
    for language in ("zh-CN", "en"):
        for prompt in prompts:
            pitch_hz = {"one-moment": 600, "call-later": 800}.get(prompt, 440)
            write_tone(home / "prompts" / language / f"{prompt}.wav", pitch_hz, 0.3)
    for music, pitch_hz in (("default", 300), ("calm", 500)):
        write_tone(home / "music" / music / "tone.wav", pitch_hz, 5.0)
    return PbxSettings(
        home=home,
        tree_folder=tree,
        sip_port=sip_port,
        lab_port=lab_port,
        http_port=http_port,
        ami_port=ami_port,
        own_addresses=tuple(str(address) for address in own_addresses() if address.version == 4),
        rtp_from=rtp_from,
        rtp_to=rtp_from + 499,
        recordings=home / "recordings",
        prompts=home / "prompts",
        music=home / "music",
        music_classes=("calm", "default"),
        seats=tuple(Seat(number=number, password=f"phone{number}", web_password=f"page{number}") for number in SEATS),
        queues=("complaint", "order"),
        ari_password="ariPassword1",
        ami_password="amiPassword1",
    )


def free_ports(count: int) -> list[int]:
    """Ports free for both UDP and TCP on 127.0.0.1, all different; below those the system hands out by itself, so that
    nobody takes one by chance while a PBX is down."""
    found: list[int] = []
    for port in random.sample(range(30_000, 32_700), 500):
        if len(found) < count and _free(port):
            found.append(port)
    return found


def _free(port: int) -> bool:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        try:
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def write_tone(path: Path, pitch_hz: float, length_s: float, level: float = 0.2) -> Path:
    """A tone, 8 kHz mono, 16 bits; `level` is its peak (1 is full scale)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    soundfile.write(path, level * np.sin(2 * np.pi * pitch_hz * times_s), RATE_HZ, subtype="PCM_16")
    return path
