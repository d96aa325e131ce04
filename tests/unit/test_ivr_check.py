"""What is refused in menus: each fault with its place and what was expected, all at once."""

import re

import pytest

from lab_server.routing.plan_file import PlanFileError, loads_plan

FRAME = """
lines: {{main: {{numbers: ["*"], to: menu:main}}}}
queues: {{help: {queue}}}
seats: {{1001-1003: }}
mailboxes: {{main: {{seats: ["1001"]}}}}
groups: {{duty: {{rings: [{{to: "seat:1001"}}], otherwise: {otherwise}}}}}
operator: queue:help
at_last: queue:help
menus:
  main:
    nodes:
{nodes}
"""


def problems(nodes: str, queue: str = "", otherwise: str = "mailbox:main") -> list[tuple[str, str]]:
    indented = "\n".join("      " + line for line in nodes.strip().splitlines())
    try:
        loads_plan(FRAME.format(nodes=indented, queue=queue, otherwise=otherwise))
    except PlanFileError as error:
        assert all(problem.file == "plan.yaml" and problem.line > 0 for problem in error.problems)
        return [(problem.field.removeprefix("menus.main.nodes."), problem.reason) for problem in error.problems]
    return []


END = "end: {kind: go, to: queue:help}"


def test_a_menu_that_is_right() -> None:
    assert problems(f'start: {{kind: keys, prompt: menu, keys: {{"1": end}}, failed: end}}\n{END}') == []


@pytest.mark.parametrize(
    ("nodes", "place", "reason"),
    [
        ("start: {kind: play, prompt: menu, next: ende}", "start.next", "no node 'ende': did you mean end?"),
        ("start: {kind: play, prompt: hmm, next: end}", "start.prompt", "no prompt 'hmm'.*write its text here"),
        ("start: {kind: go, to: queue:sales}", "start.to", "no queue 'sales': expected one of help"),
        ("start: {kind: go, to: menu:night}", "start.to", "no menu 'night'"),
        ("start: {kind: go, to: mailbox:x}", "start.to", "no mailbox 'x'"),
        ("start: {kind: go, to: group:x}", "start.to", "no group 'x'"),
        ("start: {kind: go, to: 'seat:1009', otherwise: operator}", "start.to", "no seat '1009'"),
        ("start: {kind: go, to: 'seat:1001'}", "start.otherwise", "is missing"),
        ("start: {kind: go, to: queue:help, otherwise: queue:help}", "start.otherwise", "has just not taken"),
        ("start: {kind: go, to: nowhere}", "start.to", "'nowhere' is no target: expected one of queue:<name>"),
        ("start: {kind: sing}", "start", "does not match any of the expected tags"),
        ("start: {prompt: menu}", "start", "kind is missing"),
        ("start: {kind: play, prompt: menu}", "start.next", "is missing"),
        ("start: {kind: play, prompt: menu, next: end, loud: yes}", "start.loud", "not a field that belongs here"),
        ('start: {kind: keys, prompt: menu, keys: {"#": end}, failed: end}', "start.keys.#", "match pattern"),
        ('start: {kind: keys, prompt: menu, keys: {"1": x}, failed: end}', "start.keys.1", "no node 'x'"),
        ('start: {kind: keys, prompt: menu, keys: {"1": end}, tries: 0, failed: end}', "start.tries", "not 0"),
        (
            'start: {kind: keys, prompt: menu, keys: {"1001": end}, seats: end, failed: end}',
            "start.keys.1001",
            "1001 is a seat's number, too",
        ),
        (
            "start: {kind: digits, prompt: menu, into: order, low: 5, high: 4, next: end, failed: end}",
            "start.low",
            r"low \(5\) is above high \(4\)",
        ),
        ("start: {kind: say, figure: moon, next: end, failed: end}", "start.figure", "no figure 'moon'"),
        ("start: {kind: say, figure: order_state, next: end, failed: end}", "start.blanks", "takes order"),
        (
            'start: {kind: say, figure: order_state, blanks: {order: "{nr}"}, next: end, failed: end}',
            "start.blanks.order",
            r"\{nr\} may not have been collected here",
        ),
        (
            "start: {kind: say, figure: queue_wait, blanks: {queue: sales}, next: end, failed: end}",
            "start.blanks.queue",
            "no queue 'sales'",
        ),
        ('start: {kind: branch, "on": vip, cases: {"maybe": end}, default: end}', "start.cases.maybe", "is never"),
        ('start: {kind: branch, "on": moon, cases: {"yes": end}, default: end}', "start.on", "match pattern"),
        ("start: {kind: play, prompt: {zh-CN: 您好。}, next: end}", "start.prompt", "has no text in en"),
        ("start: {kind: play, prompt: menu, next: start}", "start", "goes round and round: main/start → main/start"),
    ],
)  # fmt: skip
def test_what_is_refused(nodes: str, place: str, reason: str) -> None:
    found = problems(f"{nodes}\n{END}")
    assert any(field == place and re.search(reason, said) for field, said in found), found


def test_a_node_no_way_leads_to() -> None:
    found = problems(f"start: {{kind: go, to: hangup}}\n{END}")
    assert found == [("end", "no way leads here from 'start': expected an exit that names it")]


def test_all_faults_at_once() -> None:
    found = problems("start: {kind: play, prompt: hmm, next: gone}\nlost: {kind: go, to: queue:sales}")
    assert [field for field, _ in found] == ["start.next", "start.prompt", "lost.to", "lost"]


def test_silence_must_end_even_through_other_menus_and_queues() -> None:
    round_by_queue = problems("start: {kind: go, to: queue:help}", queue="{when_late: menu:main}")
    assert "main/start → queue:help → main/start" in round_by_queue[0][1]
    round_by_group = problems(f"start: {{kind: go, to: group:duty, otherwise: hangup}}\n{''}", otherwise="menu:main")
    assert "main/start → group:duty → main/start" in round_by_group[0][1]


def test_a_loop_by_key_is_allowed() -> None:
    assert problems(f'start: {{kind: keys, prompt: menu, keys: {{"9": start}}, failed: end}}\n{END}') == []


def test_a_balance_is_told_only_to_who_gave_the_pin() -> None:
    faked = """
start: {kind: digits, prompt: member-number, into: member, next: say, failed: end}
say: {kind: say, figure: balance, blanks: {member: "{member}"}, next: end, failed: end}
"""
    assert (
        "say.blanks.member",
        "{member} has not been checked with a PIN: expected a member node's blank",
    ) in problems(faked + END)
    typed = 'start: {kind: say, figure: balance, blanks: {member: "4711"}, next: end, failed: end}\n'
    assert any("expected {member} as a member node has checked it" in reason for _, reason in problems(typed + END))
    filled_twice = """
start: {kind: member, number_prompt: member-number, pin_prompt: pin, ok: more, failed: end}
more: {kind: note, into: member, value: "4712", next: say}
say: {kind: say, figure: balance, blanks: {member: "{member}"}, next: end, failed: end}
"""
    assert any("only the node that checks it may fill 'member'" in reason for _, reason in problems(filled_twice + END))


def test_a_blank_must_be_filled_on_every_way() -> None:
    one_way_round = """
start: {kind: keys, prompt: menu, keys: {"1": ask, "2": say}, failed: end}
ask: {kind: digits, prompt: order-number, into: order, next: say, failed: end}
say: {kind: say, figure: order_state, blanks: {order: "{order}"}, next: end, failed: end}
"""
    assert [field for field, _ in problems(one_way_round + END)] == ["say.blanks.order"]
    looked_first = one_way_round.replace('"2": say', '"2": look') + (
        'look: {kind: branch, "on": "collected:order", cases: {"yes": say}, default: end}\n'
    )
    assert problems(looked_first + END) == []


def test_places_that_do_not_fit_into_a_channel_variable_are_refused() -> None:
    nodes, last = [], 11
    for at in range(last):
        following = f"n{at + 1}" if at + 1 < last else "end"
        name = "start" if at == 0 else f"n{at}"
        nodes.append(
            f"{name}: {{kind: digits, prompt: order-number, into: b{at}, high: 20, next: {following}, failed: end}}"
        )
    found = problems("\n".join([*nodes, END]))
    assert len(found) == 1
    assert "200 is all there is room for" in found[0][1]
