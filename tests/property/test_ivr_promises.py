"""Menus that the check accepts, hours, entries: whatever is written and whatever is keyed.

The menus are drawn without care, so that many are refused; what is accepted must keep the promises.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from lab_server.routing.hours import WEEKDAYS, Hours, next_change, period_at
from lab_server.routing.ivr import (
    Action,
    Checked,
    CheckMember,
    Collect,
    Event,
    Go,
    Ivr,
    Keyed,
    Play,
    Played,
    Said,
    Say,
    SetLanguage,
)
from lab_server.routing.ivr_check import Known, check_menus
from lab_server.routing.ivr_entry import Rules
from lab_server.routing.ivr_nodes import Menu, exits
from lab_server.routing.ivr_state import LONGEST, MOST_STEPS, Facts, State
from lab_server.routing.target import Kind, Target

SEATS = ("1001", "1002")
AT_LAST = Target(Kind.QUEUE, "help")
MENUS = ("main", "other")
KNOWN = Known({Kind.MENU: MENUS, Kind.QUEUE: ("help",), Kind.SEAT: SEATS}, {"p", "wrong-key", "wrong-pin"}, ("day",))
NAMES = [f"n{at}" for at in range(6)]
MOST_EVENTS = (MOST_STEPS + 1) * 9 * 3
"""More events than any accepted menu can need: every node, every try, a number, a PIN and its check."""

_menu: TypeAdapter[Menu] = TypeAdapter(Menu)


@st.composite
def drawn_node(draw: st.DrawFn, at: int, names: list[str], careless: bool) -> dict[str, Any]:
    """A node that leads on, or, drawn carelessly, back or to nowhere. A key may lead anywhere."""
    onward = st.sampled_from([*names[at + 1 :], "end"])
    following = draw(st.sampled_from([*names, "end", "gone"]) if careless else onward)
    by_key = st.sampled_from([*names, "end"])
    kind = draw(st.sampled_from(["play", "keys", "digits", "member", "say", "branch", "language", "note"]))
    tries = draw(st.integers(1, 3))
    ask = {"prompt": "p", "failed": following, "tries": tries}
    kinds: Mapping[str, dict[str, Any]] = {
        "play": {"prompt": "p", "next": following},
        "keys": ask | {"keys": draw(st.dictionaries(st.sampled_from(["1", "2", "10", "*"]), by_key, min_size=1))},
        "digits": ask | {"into": draw(st.sampled_from(["a", "b"])), "low": 2, "high": 4, "next": draw(by_key)},
        "member": {"number_prompt": "p", "pin_prompt": "p", "ok": draw(by_key), "failed": following, "tries": tries},
        "say": {"figure": "order_state", "blanks": {"order": "{a}" if careless else "7"}, "next": following,
                "failed": following},
        "branch": {"on": draw(st.sampled_from(["vip", "collected:a"])), "cases": {"yes": following},
                   "default": draw(onward)},
        "language": {"to": "en", "next": following},
        "note": {"into": "c", "value": "x", "next": following},
    }  # fmt: skip
    seats = {"seats": "end"} if kind == "keys" and draw(st.booleans()) else {}
    return {"kind": kind, **kinds[kind], **seats}


@st.composite
def drawn_menus(draw: st.DrawFn) -> dict[str, Menu]:
    """Two menus; the second is there to be gone to. One in a few nodes is drawn carelessly."""
    menus = {}
    for name in MENUS:
        names = NAMES[: draw(st.integers(1, 6))]
        nodes = {one: draw(drawn_node(at, names, draw(st.integers(0, 29)) == 0)) for at, one in enumerate(names)}
        ends = ["hangup", "queue:help"] + (
            ["menu:other"] if name == "main" else ["menu:main"] * draw(st.integers(0, 1))
        )
        nodes["end"] = {"kind": "go", "to": draw(st.sampled_from(ends))}
        whole = _menu.validate_python({"start": "n0", "nodes": nodes})
        keep = set(nodes) if draw(st.integers(0, 9)) == 0 else _reached(whole)
        menus[name] = _menu.validate_python({"start": "n0", "nodes": {one: nodes[one] for one in nodes if one in keep}})
    return menus


def _reached(menu: Menu) -> set[str]:
    seen: set[str] = set()
    left = [menu.start]
    while left:
        name = left.pop()
        if name in menu.nodes and name not in seen:
            seen.add(name)
            left += [following for _, following in exits(menu.nodes[name])]
    return seen


@st.composite
def accepted(draw: st.DrawFn) -> dict[str, Menu]:
    menus = draw(drawn_menus())
    good = not check_menus(menus, KNOWN)
    event(f"accepted: {good}")
    assume(good)
    return menus


def answer(data: st.DataObject, action: Action, silent: bool = False) -> Event:
    """What may come back to an action; to a question anything at all, keyed in any state of mind."""
    match action:
        case Collect():
            keyed = st.one_of(
                st.sampled_from(["", "1", "2", "*", "10", "1001", "12"]), st.text("0123456789*ABCD", max_size=6)
            )
            return Keyed("" if silent else data.draw(keyed))
        case CheckMember():
            return Checked(data.draw(st.booleans()), data.draw(st.booleans()))
        case Say():
            return Said(data.draw(st.booleans()))
    return Played()


@settings(max_examples=150, deadline=None)
@given(accepted(), st.data(), st.builds(Facts, vip=st.booleans()))
def test_every_caller_comes_to_an_end_whatever_is_keyed(
    menus: dict[str, Menu], data: st.DataObject, facts: Facts
) -> None:
    ivr = Ivr(menus, SEATS, AT_LAST)
    favourite = data.draw(st.one_of(st.none(), st.sampled_from(["1", "2", "10", "77", "1234"])))
    state, action = ivr.begin("main", facts)
    for step in range(MOST_EVENTS):
        assert len(state.text()) <= LONGEST
        assert State.read(state.text()) == state
        if isinstance(action, Go):
            assert action.target.kind is not Kind.MENU
            return
        # some callers key the same for ever, the others anything for a while and then the same
        stubborn = isinstance(action, Collect) and (favourite is not None or step > 25)
        if stubborn:
            state, action = ivr.step(state, Keyed(favourite or "1"))
        elif step > 60:
            state, action = ivr.step(state, _plain(action))
        else:
            state, action = ivr.step(state, answer(data, action))
    raise AssertionError("a caller walks for ever")


def _plain(action: Action) -> Event:
    if isinstance(action, CheckMember):
        return Checked(True)
    return Said() if isinstance(action, Say) else Played()


@settings(deadline=None)
@given(accepted(), st.data())
def test_who_keys_nothing_passes_no_node_twice(menus: dict[str, Menu], data: st.DataObject) -> None:
    ivr = Ivr(menus, SEATS, AT_LAST)
    state, action = ivr.begin("main", Facts())
    passed = []
    while not isinstance(action, Go):
        if state.tries == 0:
            passed.append((state.menu, state.node, state.part))
        state, action = ivr.step(state, answer(data, action, silent=True))
    assert len(passed) == len(set(passed))
    assert state.steps <= sum(len(menu.nodes) for menu in menus.values())


@settings(deadline=None)
@given(accepted())
def test_no_accepted_menu_has_a_node_no_way_leads_to(menus: dict[str, Menu]) -> None:
    for menu in menus.values():
        assert _reached(menu) == set(menu.nodes)


@settings(deadline=None)
@given(drawn_menus())
def test_the_check_tells_and_never_fails(menus: dict[str, Menu]) -> None:
    for place, reason in check_menus(menus, KNOWN):
        assert place[0] == "menus"
        assert reason


@settings(deadline=None)
@given(accepted(), st.data())
def test_a_process_may_die_anywhere(menus: dict[str, Menu], data: st.DataObject) -> None:
    """At every step another machine goes on from the text alone; what it asks is what was asked, but for reproaches."""
    ivr, other = Ivr(menus, SEATS, AT_LAST), Ivr(menus, SEATS, AT_LAST)
    state, action = ivr.begin("main", Facts())
    for _ in range(12):
        again, asked = other.resume(state.text())
        assert again == state
        if isinstance(asked, Collect) and isinstance(action, Collect):
            assert (asked.rules, asked.prompts[-1]) == (action.rules, action.prompts[-1])
        elif not isinstance(action, CheckMember):
            assert asked == action
        if isinstance(action, Go):
            return
        state, action = ivr.step(state, answer(data, action))


@settings(deadline=None)
@given(st.sets(st.text("0123456789*", min_size=1, max_size=4), min_size=1), st.text("0123456789*#A", max_size=9))
def test_keys_are_always_understood_in_the_end(entries: set[str], keyed: str) -> None:
    rules = Rules(6.0, 2.0, frozenset(entries))
    taken = rules.take(keyed, 6.0)
    assert taken is not None
    assert "#" not in taken.entry
    assert keyed.endswith(taken.rest)
    assert len(taken.entry) + len(taken.rest) <= len(keyed)
    early = rules.take(keyed, 0.0)
    assert early in {None, taken}  # what is decided without waiting is not decided otherwise by waiting


MINUTE = st.integers(0, 95).map(lambda quarter: quarter * 15)


@st.composite
def drawn_hours(draw: st.DrawFn) -> Hours:
    days = st.lists(st.sampled_from([*WEEKDAYS, "workday", "weekend", "holiday", "swapped", "every"]), min_size=1)
    periods = [
        {"name": f"p{at}", "from": draw(MINUTE), "to": draw(MINUTE), "then": "hangup", "days": draw(days)}
        for at in range(draw(st.integers(0, 3)))
    ]
    special = [
        {"name": "s", "day": "2026-09-30", "last": "2026-10-02", "like": draw(st.sampled_from([None, "workday"]))}
    ]
    table = {"periods": periods, "special": special, "otherwise": {"name": "night", "then": "hangup"},
             "holidays": draw(st.sampled_from(["china", "none"]))}  # fmt: skip
    try:
        return Hours.model_validate(table)
    except ValidationError:
        assume(False)
        raise


INSTANTS = st.datetimes(datetime(2025, 12, 20), datetime(2027, 1, 10), timezones=st.just(UTC))  # noqa: DTZ001 - they get one
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]).map(ZoneInfo)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)  # most drawn hours overlap
@given(drawn_hours(), ZONES, INSTANTS)
def test_every_instant_has_one_period_until_the_next_change(hours: Hours, zone: ZoneInfo, now: datetime) -> None:
    present = period_at(hours, zone, now)
    assert present in list(hours.every())
    change = next_change(hours, zone, now)
    if change is None:
        return
    assert change.at > now
    assert change.period == period_at(hours, zone, change.at) != present
    assert period_at(hours, zone, change.at - timedelta(microseconds=1)) == present
    quarters = int(min(change.at - now, timedelta(days=3)) / timedelta(minutes=15))
    for quarter in range(quarters):
        assert period_at(hours, zone, now + timedelta(minutes=15) * quarter) == present


def test_the_drawn_actions_are_all_there_are() -> None:
    assert set(Action.__args__) == {Play, Collect, CheckMember, Say, SetLanguage, Go}
