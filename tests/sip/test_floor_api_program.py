"""The program in docs/api.md and `ringside floor` do what they say, against a running floor."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from api_lab import Site, opened
from floor_lab import READY, keys
from worker_lab import until

from telephony.asterisk.process import Pbx

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]
PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(pbx: Pbx, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened(pbx, tmp_path_factory.mktemp("api-program")) as site:
        yield site


async def started(site: Site, *command: str, token: str, desk: bool = False) -> Process:
    """A Python process with nothing of ours in its environment but where the floor is and what opens it."""
    keep = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    name = "DESK" if desk else "FLOOR"
    environment = keep | {f"{name}_URL": site.url, f"{name}_TOKEN": token, "RINGSIDE_LANGUAGE": "en"}
    return await asyncio.create_subprocess_exec(sys.executable, *command, stdout=PIPE, stderr=PIPE, env=environment)


async def says(program: Process, wanted: str) -> list[str]:
    """What it has printed until a line that is `wanted`."""
    assert program.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(15):
        while wanted not in lines:
            line = await program.stdout.readline()
            assert line, ("it has ended", lines, await program.communicate())
            lines.append(line.decode().strip())
    return lines


async def test_the_program_of_the_page_makes_an_agent_ready_who_missed_a_call(site: Site, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "again.py").write_text(example)
    async with site.open("1001", ring_timeout_s=0.6) as (house, _):
        program = await started(site, str(tmp_path / "again.py"), token=site.token["supervisor"])
        try:
            assert (await says(program, "listening"))[0] == "1001 ready"
            contact = await site.lab.rings(keys("2"))
            await site.lab.brief(contact, "1001", behaviour="no_answer")
            await says(program, "1001 is ready again")
            await site.lab.hangs_up(contact)
            await house.ends(contact)
            await until(lambda: house.state("1001") is READY, 5.0, "he is ready")
        finally:
            program.terminate()
            await program.communicate()


async def test_the_program_tells_what_it_may_not_do(site: Site, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "again.py").write_text(example)
    async with site.open() as (_, __):
        program = await started(site, str(tmp_path / "again.py"), token="rs_nonsense")
        _, said = await asyncio.wait_for(program.communicate(), 15)
        assert "http.401" in said.decode()


async def test_the_command_line_looks_and_commands(site: Site) -> None:
    ringside = ("-c", "from lab_server.cli import main; main()", "floor")
    async with site.open("1001") as (house, _):

        async def run(*arguments: str) -> tuple[int | None, str]:
            program = await started(site, *ringside, *arguments, "--url", site.url, token=site.token["supervisor"])
            out, err = await asyncio.wait_for(program.communicate(), 20)
            return program.returncode, (out or err).decode()

        status, said = await run("state")
        assert (status, said.splitlines()[:2][0]) == (0, "Agents")
        assert said.splitlines()[1].strip().startswith("1001\tready")
        status, said = await run("do", json.dumps({"do": "set_agent", "seat": "1001", "state": "not_ready"}))
        assert (status, json.loads(said)["result"]["agent"]["state"]) == (0, "not_ready")
        assert house.state("1001") == "not_ready"
        status, said = await run("do", json.dumps({"do": "set_agent", "seat": "99", "state": "ready"}))
        assert (status, json.loads(said)["error"]) == (1, "unknown_seat")
