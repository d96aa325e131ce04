"""A private Asterisk for one measurement: the project's own configuration, and a door for the bare program."""

import asyncio
import os
import socket
import subprocess
from pathlib import Path

import numpy as np
import soundfile

from telephony.asterisk.process import Pbx
from telephony.asterisk.settings import PbxSettings

TREE = Path(__file__).parents[2] / "var/pbx/tree"

_DOOR = """
[from-lab](+)
exten => 7000,1,Stasis(bare,in)
exten => 7001,1,Set(BARE_CALLER=${{UNIQUEID}})
 same => n,MixMonitor(,r({folder}/${{BARE_CALLER}}.wav))
 same => n,Stasis(bare,in)

[bare-agent]
exten => s,1,MixMonitor(,r({folder}/${{BARE_CALLER}}-agent.wav))
 same => n,Stasis(bare,agent,${{BARE_CALLER}})
"""


def settings_in(home: Path) -> PbxSettings:
    """Ports that are free now; prompts and music are a second of quiet tone."""
    sip, lab, http, ami = _free_ports(4)
    tone = 0.05 * np.sin(np.arange(8000) * 2 * np.pi * 300 / 8000)
    for name in ("prompts/en/one-moment.wav", "music/default/tone.wav"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(home / name, tone, 8000, subtype="PCM_16")
    return PbxSettings(
        home=home,
        tree_folder=TREE,
        sip_port=sip,
        lab_port=lab,
        http_port=http,
        ami_port=ami,
        rtp_from=31500,
        rtp_to=31999,
        recordings=home / "recordings",
        prompts=home / "prompts",
        music=home / "music",
        language="en",
        ari_password="benchPassword1",
        ami_password="benchPassword1",
    )


async def start(settings: PbxSettings) -> subprocess.Popen[bytes]:
    """Asterisk with our door, running and answering."""
    command = Pbx(settings).prepare()
    (settings.home / "spool/recording").mkdir(parents=True, exist_ok=True)  # without it ARI cannot record
    with (settings.etc / "extensions.conf").open("a", encoding="utf-8") as dialplan:
        dialplan.write(_DOOR.format(folder=settings.recordings))
    process = subprocess.Popen(  # noqa: ASYNC220 - starting takes no time
        command,
        stdin=subprocess.DEVNULL,
        stdout=(settings.log_folder / "console.log").open("wb"),
        stderr=subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "HOME": str(settings.home)},
    )
    async with asyncio.timeout(30):
        while not await _answers(settings):
            if process.poll() is not None:
                raise RuntimeError(f"Asterisk ended at once; see {settings.log_folder}/console.log")
            await asyncio.sleep(0.1)
    return process


async def _answers(settings: PbxSettings) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.http_port)
        writer.write(b"GET /ari/asterisk/ping HTTP/1.0\r\n\r\n")
        answer = await reader.read(200)
        writer.close()
    except OSError:
        return False
    return b" 401 " in answer  # ARI is up, and asks who we are


def _free_ports(count: int) -> list[int]:
    held = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return ports
