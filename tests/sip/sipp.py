"""SIPp, from Debian's own package: callers and phones by the hundred, without sound."""

import asyncio
import os
from pathlib import Path
from typing import Any

from debian_tree import VAR, debian_tree, library_path

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n'
_SDP = """v=0
o=- 1 1 IN IP4 [media_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000"""

CALLER = (
    _HEAD.format(name="caller")
    + """<send retrans="500"><![CDATA[
INVITE sip:95000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:1630000[call_number]@[local_ip]>;tag=[pid]c[call_number]
To: <sip:95000@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

"""
    + _SDP
    + """
]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:1630000[call_number]@[local_ip]>;tag=[pid]c[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<pause milliseconds="{pause_ms}"/>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:1630000[call_number]@[local_ip]>;tag=[pid]c[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"""
)
"""A caller who is answered and hangs up after a while: `.replace("{pause_ms}", …)`."""

REGISTER = (
    _HEAD.format(name="register")
    + """<send retrans="500"><![CDATA[
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[remote_ip]>;tag=[pid]r[call_number]
To: <sip:[field0]@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 REGISTER
Contact: <sip:[field0]@[local_ip]:[local_port]>
Expires: 600
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="401" auth="true"/>
<send retrans="500"><![CDATA[
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[remote_ip]>;tag=[pid]r[call_number]
To: <sip:[field0]@[remote_ip]>
Call-ID: [call_id]
CSeq: 2 REGISTER
Contact: <sip:[field0]@[local_ip]:[local_port]>
[field1]
Expires: 600
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"""
)
"""Registers `seat;[authentication username=… password=…]` of an -inf file; the phones must then be at that port."""

PHONE = (
    _HEAD.format(name="phone")
    + """<recv request="OPTIONS" optional="true" next="asked"/>
<recv request="INVITE"/>
<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[pid]p[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]p[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

"""
    + _SDP
    + """
]]></send>
<recv request="ACK"/>
<recv request="BYE"/>
<label id="asked"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>
</scenario>
"""
)
"""A phone that answers at once and says that it is there when asked."""


class Sipp:
    """`async with Sipp(folder) as sipp`: what still runs at the end is ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[asyncio.subprocess.Process] = []
        tree = debian_tree(VAR / "tests" / "sipp", ["sip-tester"])
        self._program = tree / "usr/bin/sipp"
        self._environment = {**os.environ, "LD_LIBRARY_PATH": library_path(tree), "TERM": "dumb"}

    async def __aenter__(self) -> "Sipp":
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._running:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    def file(self, name: str, text: str) -> Path:
        path = self._folder / name
        path.write_text(text, encoding="utf-8")
        return path

    async def start(self, *arguments: Any) -> asyncio.subprocess.Process:
        """In the background."""
        log = (self._folder / f"sipp-{len(self._running)}.log").open("wb")
        with log:
            process = await asyncio.create_subprocess_exec(
                str(self._program), "-nostdin", "-trace_err", *(str(one) for one in arguments), cwd=self._folder,
                env=self._environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self._running.append(process)
        return process

    async def run(self, *arguments: Any, within_s: float = 60.0) -> None:
        """To its end, which must be a good one."""
        process = await self.start(*arguments)
        async with asyncio.timeout(within_s):
            status = await process.wait()
        errors = [file.read_text(errors="replace")[:2000] for file in self._folder.glob("*_errors.log")]
        assert status == 0, f"sipp ended with {status}: {arguments}\n" + "\n".join(errors)
