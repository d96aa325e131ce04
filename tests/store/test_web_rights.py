"""Every route, asked by every role, by nobody, and by forged forms."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest_asyncio
from door_lab import DoorLab, door_lab
from fastapi.routing import APIRoute, APIWebSocketRoute
from lab_rows import Lab
from starlette.routing import Mount, Route

from lab_server.desk.rights import RIGHTS, Right
from web.access import PUBLIC, SignedIn
from web.app import create_app

BY_SEAT = {"/phone", "/phone/open", "/api/v1/phone", "/ws/sip"}
"""They ask `web.seats` who sits there, which asks the session: their own tests are in the browser."""
ENDLESS = {"/api/floor/events", "/api/v1/floor/events"}


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        yield made


def every(app: object) -> Iterator[Route | Mount | APIWebSocketRoute]:
    for route in app.routes:  # type: ignore[attr-defined]
        inner = getattr(route, "original_router", None) or getattr(route, "router", None)
        if inner is not None and not isinstance(route, Route | Mount | APIWebSocketRoute):
            yield from every(inner)
        else:
            yield route


def right_of(route: object) -> Right | None:
    """The right that a route declares."""
    dependant = getattr(route, "dependant", None)
    calls = [one.call for one in dependant.dependencies] if dependant is not None else []
    return next((call.right for call in calls if isinstance(call, SignedIn)), None)


def test_every_route_declares_its_right_or_why_it_needs_none(lab: Lab, url: str, tmp_path: Path) -> None:
    from lab_server.config import Settings

    app = create_app(Settings(var=tmp_path / "v", database_url=url), lab.clock)
    undeclared = {
        route.path for route in every(app) if right_of(route) is None and route.path not in {*PUBLIC, *BY_SEAT}
    }
    assert undeclared == set()
    assert all(reason for reason in PUBLIC.values())
    served = {route.path for route in every(app)}
    assert set(PUBLIC) <= served


async def test_every_role_gets_what_its_rights_say_and_nobody_gets_anything(door: DoorLab) -> None:
    klass = door.klass()
    people = {role: door.person(role, role, klass=klass if role == "supervisor" else None) for role in RIGHTS}
    victim = door.person("victim", klass=klass)
    browsers = {role: await door.signed_in(role, f"10.0.1.{at}") for at, role in enumerate(people)}
    stranger = await door.browser("10.0.2.1")
    walked = 0
    for route in every(door.app):
        right = right_of(route)
        if right is None or not isinstance(route, APIRoute) or route.path in ENDLESS:
            continue
        ids = {"klass_id": klass.id, "user_id": victim.id}
        path = re.sub(
            r"{(\w+)}",
            lambda found, ids=ids: ids.get(found[1], door.lab.session_id),  # what else there is: an id of nothing
            route.path.replace("{path:path}", "report.html"),
        )
        for method in route.methods:
            outside = await stranger.client.request(method, path, headers={"origin": "http://127.0.0.1:8080"})
            assert outside.status_code in ({401} if path.startswith("/api/") else {303}), (method, path)
            if outside.status_code == 303:
                assert outside.headers["location"].startswith("/signin"), path
            for role, browser in browsers.items():
                if path == "/signout":
                    continue  # its own test is in test_web_door
                headers = {"origin": "http://127.0.0.1:8080", "x-csrf-token": browser.csrf}
                forged = {"origin": "http://evil.example", "x-csrf-token": browser.csrf}
                if method not in {"GET", "HEAD"}:
                    refused = await browser.client.request(method, path, headers=forged)
                    assert refused.status_code == 403, (role, method, path)
                    refused = await browser.client.request(method, path, headers={"origin": headers["origin"]})
                    assert refused.status_code == 403, (role, method, path)
                answer = await browser.client.request(method, path, headers=headers)
                if right in RIGHTS[role]:
                    assert answer.status_code in {200, 303, 307, 404, 409, 410, 422, 503}, (
                        role,
                        method,
                        path,
                        answer.text,
                    )
                else:
                    assert answer.status_code == 403, (role, method, path)
                walked += 1
    assert walked > 100
