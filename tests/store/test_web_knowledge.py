"""Articles: found in both languages, written, approved by another, brought back; their text is never markup."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from door_lab import DoorLab, door_lab
from lab_rows import Lab

from web.knowledge.text import Block, blocks

NASTY = "<img src=x onerror=alert(1)>"


@pytest_asyncio.fixture
async def door(lab: Lab, url: str, tmp_path: Path) -> AsyncIterator[DoorLab]:
    async with door_lab(lab, url, tmp_path) as made:
        yield made


async def test_an_article_is_written_judged_found_and_brought_back(door: DoorLab) -> None:
    door.person("one")
    door.person("teacher", "instructor")
    student, teacher = await door.signed_in("one"), await door.signed_in("teacher", "10.0.0.9")
    empty = await student.post("/knowledge/new", title="", body="kept", language="zh-CN", then="save")
    assert empty.status_code == 422
    assert ">kept</textarea>" in empty.text
    body = f"退款三到五个工作日到账。{NASTY}\n\n- 先核对订单\n- 再告诉客户"
    typed = {"title": "退款多久到账", "body": body, "language": "zh-CN", "tags": "退款，银行", "key": "refund-zh"}
    looked = await student.post("/knowledge/new", **typed, then="look")
    assert "<li>先核对订单</li>" in looked.text
    assert NASTY not in looked.text
    saved = await student.post("/knowledge/new", **typed, then="save")
    found = re.fullmatch(r"/knowledge/(\w{26})/edit\?kept=1", saved.headers["location"])
    assert found is not None
    one = f"/knowledge/{found[1]}"
    assert (await teacher.get(one)).status_code == 404  # nobody reads a draft
    await student.post(f"{one}/edit", **typed, then="submit")
    assert (await student.post(f"{one}/approve")).status_code == 403
    assert f"{one}/approve" in (await teacher.get("/knowledge/work")).text
    assert (await teacher.post(f"{one}/refuse", why="")).status_code == 422
    await teacher.post(f"{one}/refuse", why=f"写上周末{NASTY}")
    again = (await student.get(f"{one}/edit")).text
    assert "写上周末&lt;img" in again
    await student.post(f"{one}/edit", **(typed | {"body": body + "\n\n周末顺延。"}), then="submit")
    await teacher.post(f"{one}/approve")
    page = (await student.get(one)).text
    assert "周末顺延。" in page
    assert NASTY not in page
    asked = {"到账": True, "退款": True, "refund": False, "%25": False, "%00": True, "'": False}
    for query, there in asked.items():
        assert (one in (await student.get(f"/knowledge?q={query}")).text) is there, query
    assert one not in (await student.get("/knowledge?in=en")).text
    assert one not in (await student.get("/knowledge?mine=1")).text
    await student.post(f"{one}/favourite", on="1")
    assert one in (await student.get("/knowledge?mine=1")).text
    part = await student.get("/knowledge?q=退款", **{"hx-request": "true", "hx-target": "lines"})
    assert "<form" not in part.text
    await teacher.post("/knowledge/new", **typed | {"title": "退款时间", "key": "refund-zh"}, then="submit")
    door.person("boss", "admin")
    boss = await door.signed_in("boss", "10.0.0.7")
    await boss.post(f"{one}/approve")
    assert "退款时间" in (await student.get(one)).text
    await teacher.post(f"{one}/back", version="2")
    assert "退款多久到账" in (await student.get(one)).text
    assert (await teacher.post(f"{one}/back", version="1")).status_code == 409  # it was never approved
    assert (await teacher.post(f"{one}/back", version="x")).status_code == 404
    await teacher.post(f"{one}/retire")
    assert (await student.get(one)).status_code == 404
    await teacher.post(f"{one}/retire", back="1")
    assert (await student.get(one)).status_code == 200


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("", []),
        ("one\ntwo\n\nthree", [Block("p", ("one", "two")), Block("p", ("three",))]),
        ("- a\n* b\n\n- c", [Block("ul", ("a", "b", "c"))]),
        ("1. a\n2、b\n3）c\nnot", [Block("ol", ("a", "b", "c")), Block("p", ("not",))]),
        ("1.5 is no list\r\n \r\n-5 neither", [Block("p", ("1.5 is no list",)), Block("p", ("-5 neither",))]),
        ("<b>text</b>", [Block("p", ("<b>text</b>",))]),
    ],
)
def test_text_becomes_paragraphs_and_lists(body: str, found: list[Block]) -> None:
    assert blocks(body) == found
