"""The picture of the menus: whole, well-formed, and nothing in it but text, whoever wrote the prompts."""

import re
from itertools import pairwise
from xml.dom.minidom import parseString

from lab_server.routing.ivr_graph import draw
from lab_server.routing.ivr_layout import columns, lay_out
from lab_server.routing.ivr_nodes import Menu
from lab_server.routing.plan_file import PLANS, load_plan

SCHOOL = load_plan(PLANS / "school.yaml")


def texts(svg: str) -> list[str]:
    return [node.firstChild.data for node in parseString(svg).getElementsByTagName("text") if node.firstChild]


def test_every_node_is_in_the_picture_in_both_languages() -> None:
    written = texts(draw(SCHOOL.menus, SCHOOL.prompts, ("zh-CN", "en")))
    for menu in SCHOOL.menus.values():
        for name, node in menu.nodes.items():
            assert f"{name} · {node.kind}" in written
    assert "主菜单 / Main menu / main" in written
    assert any(line.startswith("教务和选课请按1") for line in written)
    assert any(line.startswith("For courses and exams") for line in written)
    assert {"1", "9", "*", "↩ top"} <= set(written)


def test_one_language_is_enough() -> None:
    written = " ".join(texts(draw(SCHOOL.menus, SCHOOL.prompts, ("en",))))
    assert "Main menu" in written
    assert "教务" not in written


def test_the_same_menus_give_the_same_picture() -> None:
    assert draw(SCHOOL.menus, SCHOOL.prompts, ("en",)) == draw(SCHOOL.menus, SCHOOL.prompts, ("en",))


def test_hostile_texts_stay_text() -> None:
    evil = '</text><script>alert(1)</script> "&\x00\x1b\u202e\ud800 ' + "长" * 300
    menu = Menu.model_validate({
        "title": {"en": "<b>&"},
        "nodes": {"start": {"kind": "play", "prompt": "own", "next": "end"}, "end": {"kind": "go", "to": "hangup"}},
    })  # fmt: skip
    svg = draw({"main": menu}, {"own": {"en": evil}}, ("en",))
    document = parseString(svg.encode())
    names = {node.tagName for node in document.getElementsByTagName("*")}
    assert names == {"svg", "style", "defs", "marker", "path", "rect", "g", "text", "title"}
    assert not re.search(r"\son\w+=|href", svg)
    assert any("</text><script>" in line for line in texts(svg))
    assert any(line.endswith("…") for line in texts(svg))


def test_boxes_do_not_lie_on_each_other() -> None:
    edges = [("a", "b"), ("a", "c"), ("a", "d"), ("b", "e"), ("c", "e"), ("d", "e"), ("a", "e")]
    column, back = columns("a", [*edges, ("e", "a")])
    assert back == [("e", "a")]
    assert column == {"a": 0, "b": 1, "c": 1, "d": 1, "e": 2}
    heights = {"a": 40.0, "b": 100.0, "c": 20.0, "d": 60.0, "e": 40.0}
    layout = lay_out(column, edges, heights, 10.0)
    middle = sorted("bcd", key=lambda name: layout.y[name])
    for above, below in pairwise(middle):
        assert layout.y[below] - layout.y[above] >= (heights[above] + heights[below]) / 2 + 10 - 1e-6
    assert len(layout.bends["a", "e"]) == 1
    assert all(layout.y[name] - heights[name] / 2 >= 0 and layout.y[name] <= layout.height for name in column)


def test_the_keys_stand_in_their_order() -> None:
    edges = [("a", "1"), ("a", "2"), ("a", "3")]
    column, _ = columns("a", edges)
    layout = lay_out(column, edges, dict.fromkeys("a123", 30.0), 10.0)
    assert layout.y["1"] < layout.y["2"] < layout.y["3"]
