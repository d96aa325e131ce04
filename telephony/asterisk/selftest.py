"""Does this Asterisk work here? Start it with a throw-away configuration and place one recorded call."""

import asyncio
import math
import secrets
import socket
import struct
import tempfile
import wave
from pathlib import Path

from telephony.asterisk.errors import PbxStartFailedError, PortTakenError
from telephony.asterisk.process import Pbx
from telephony.asterisk.settings import PbxSettings
from telephony.asterisk.testcall import place_call
from telephony.asterisk.tree import Tree

_ATTEMPTS = 3


async def self_test(tree: Tree) -> tuple[int, ...]:
    """The version, if a call through our own dialplan was answered, heard and recorded. Raises PbxError otherwise."""
    version = tree.check_version()
    for attempt in range(_ATTEMPTS):
        with tempfile.TemporaryDirectory(prefix="ringside-") as folder:  # a short path: the control socket is in it
            try:
                await _try(tree, Path(folder))
                break
            except PortTakenError:  # somebody took a port between our looking and Asterisk's start
                if attempt == _ATTEMPTS - 1:
                    raise
    return version


async def _try(tree: Tree, home: Path) -> None:
    settings = _settings(tree, home)
    _write_tone(settings.prompts / settings.language / "one-moment.wav")
    pbx = Pbx(settings)
    await pbx.start()
    try:
        heard = await asyncio.to_thread(
            place_call, settings.lab_peer, (settings.lab_address, settings.lab_port), talk_s=0.8
        )
        if heard.loud < 5:
            raise PbxStartFailedError(f"the test call was answered but silent ({heard.frames} frames came)")
    finally:
        await pbx.stop()
    if not any(file.stat().st_size > 1000 for file in settings.recordings.glob("*/*/customer.wav")):
        raise PbxStartFailedError("the test call was not recorded")


def _settings(tree: Tree, home: Path) -> PbxSettings:
    sip_port, lab_port, http_port, ami_port, rtp_from = _free_ports()
    return PbxSettings(
        home=home,
        tree_folder=tree.root,
        sip_port=sip_port,
        lab_port=lab_port,
        http_port=http_port,
        ami_port=ami_port,
        rtp_from=rtp_from,
        rtp_to=rtp_from + 99,
        recordings=home / "recordings",
        prompts=home / "prompts",
        music=home / "music",
        ari_password=secrets.token_hex(12),
        ami_password=secrets.token_hex(12),
    )


def _free_ports() -> tuple[int, int, int, int, int]:
    """Four free TCP ports, and the first of a hundred below the range that the system hands out by itself."""
    held = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(4)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        sip, lab, http, ami = (int(each.getsockname()[1]) for each in held)
    finally:
        for each in held:
            each.close()
    return sip, lab, http, ami, 25_000 + secrets.randbelow(50) * 100


def _write_tone(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(
            b"".join(struct.pack("<h", round(8000 * math.sin(2 * math.pi * 440 * n / 8000))) for n in range(16000))
        )
