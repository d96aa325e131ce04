"""The bare ARI program: joins each caller to an agent, records as it is told, and keeps nothing. Plain aiohttp.

Started as `python -m bench.bare_ari.program` with its orders as JSON on standard input. Prints a JSON line for each
pair of legs: `{"joined": the agent's SIP Call-ID, "at": epoch seconds by Asterisk}`.
"""

import asyncio
import json
import os
import sys
from base64 import b64encode
from datetime import datetime
from itertools import cycle
from typing import Any

import aiohttp

Json = dict[str, Any]


class Program:
    """`way`: none, dialplan, ami, bridge or snoop; `agents`: SIP URIs to ring in turn; `folder`: recordings."""

    def __init__(self, orders: Json, session: aiohttp.ClientSession) -> None:
        self.way, self.folder, self.url = orders["way"], orders["folder"], orders["url"]
        self.agents = cycle(orders["agents"])
        self.session = session
        self.waiting: dict[str, set[str]] = {}
        self.sip_ids: dict[str, str] = {}
        self.ami: asyncio.StreamWriter | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    async def ask(self, method: str, path: str, body: Json | None = None) -> None:
        async with self.session.request(method, self.url + path, json=body) as answer:
            if answer.status >= 400 and method != "DELETE":  # the other party may have been quicker
                print(json.dumps({"refused": f"{method} {path}: {await answer.text()}"}), flush=True)

    def take(self, event: Json) -> None:
        """Events in order; what they bring about goes on by itself."""
        act = {"StasisStart": self.start, "ChannelEnteredBridge": self.entered, "StasisEnd": self.end}.get(
            event["type"]
        )
        if act:
            task = asyncio.ensure_future(act(event))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def start(self, event: Json) -> None:
        channel = event["channel"]
        match event["args"]:
            case ["in"]:
                await self.caller(channel["id"])
            case ["agent", caller]:
                await self.agent(caller, channel)
            case ["ear", name]:
                await self.ask("POST", f"/channels/{channel['id']}/record", {"name": name, "format": "wav"})

    async def caller(self, caller: str) -> None:
        await self.ask("POST", f"/channels/{caller}/answer")
        await self.record(caller)
        where: Json = {"app": "bare", "appArgs": f"agent,{caller}"}
        if self.way == "dialplan":
            where = {"context": "bare-agent", "extension": "s", "priority": 1}
        await self.ask(
            "POST",
            f"/channels/{caller}-agent",
            {
                "endpoint": f"PJSIP/lab/{next(self.agents)}",
                "formats": "ulaw",
                "variables": {"BARE_CALLER": caller},
                **where,
            },
        )

    async def agent(self, caller: str, channel: Json) -> None:
        bridge = f"{caller}-talk"
        self.waiting[bridge] = {caller, channel["id"]}
        self.sip_ids[bridge] = channel["protocol_id"]
        await self.ask("POST", f"/bridges/{bridge}", {"type": "mixing"})
        await self.ask("POST", f"/bridges/{bridge}/addChannel", {"channel": [caller, channel["id"]]})
        await self.record(channel["id"])
        if self.way == "bridge":
            await self.ask("POST", f"/bridges/{bridge}/record", {"name": bridge, "format": "wav"})

    async def record(self, channel: str) -> None:
        if self.way == "ami" and self.ami:
            options = f"Channel: {channel}\r\nOptions: r({self.folder}/{channel}.wav)"
            self.ami.write(f"Action: MixMonitor\r\n{options}\r\n\r\n".encode())
        if self.way == "snoop":
            orders = {"spy": "in", "app": "bare", "appArgs": f"ear,{channel}"}
            await self.ask("POST", f"/channels/{channel}/snoop/{channel}-ear", orders)

    async def entered(self, event: Json) -> None:
        bridge = event["bridge"]["id"]
        left = self.waiting.get(bridge, set())
        left.discard(event["channel"]["id"])
        if bridge in self.waiting and not left:
            del self.waiting[bridge]
            at = datetime.fromisoformat(event["timestamp"]).timestamp()
            print(json.dumps({"joined": self.sip_ids.pop(bridge), "at": at}), flush=True)

    async def end(self, event: Json) -> None:
        """Either party gone: end the other and the bridge."""
        channel = event["channel"]["id"]
        if channel.endswith("-ear"):
            return
        caller = channel.removesuffix("-agent")
        await self.ask("DELETE", f"/channels/{caller if channel != caller else caller + '-agent'}")
        await self.ask("DELETE", f"/bridges/{caller}-talk")


async def drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


async def main() -> None:
    orders = json.loads(sys.stdin.readline())
    login = b64encode(f"{orders['user']}:{orders['password']}".encode()).decode()
    async with aiohttp.ClientSession(headers={"Authorization": f"Basic {login}"}) as session:
        program = Program(orders, session)
        if program.way == "ami":
            reader, program.ami = await asyncio.open_connection("127.0.0.1", orders["ami_port"])
            name, secret = orders["ami_user"], orders["ami_password"]
            program.ami.write(f"Action: Login\r\nUsername: {name}\r\nSecret: {secret}\r\nEvents: off\r\n\r\n".encode())
            draining = asyncio.ensure_future(drain(reader))
        async with session.ws_connect(f"{orders['url']}/events?app=bare") as socket:
            print(json.dumps({"ready": True}), flush=True)
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), lambda: os._exit(0))  # its end ends us
            async for message in socket:
                program.take(json.loads(message.data))
        if program.way == "ami":
            draining.cancel()


if __name__ == "__main__":
    asyncio.run(main())
