"""What every test over real SIP may rely on."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from floor_lab import FloorLab


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> None:
    """A test that failed in the middle leaves a floor at work and callers on the line: not to the next one."""
    if "lab" in request.fixturenames:
        request.getfixturevalue("swept")


@pytest_asyncio.fixture(loop_scope="module")
async def swept(lab: object, request: pytest.FixtureRequest) -> AsyncIterator[None]:
    failed_before = request.session.testsfailed
    yield
    if isinstance(lab, FloorLab) and request.session.testsfailed > failed_before:
        await lab.sweep()
