"""The whole table of rights, written out: a row changes here before it changes anywhere."""

from datetime import UTC, datetime

import pytest

from lab_server.desk.errors import NoRightError, NotYoursError
from lab_server.desk.rights import Right, check, may
from lab_server.store.tables import Role, User

ROLES: tuple[Role, ...] = ("student", "grader", "supervisor", "instructor", "admin")

# y: may, o: only to what is one's own (a contact one takes part in, one's seat, mailbox, conference), -: may not
TABLE = """
right                 student grader supervisor instructor admin
call.dial             y       -      y          y          y
call.hang_up          o       -      y          y          y
call.hold             o       -      y          y          y
call.transfer         o       -      y          y          y
call.conference       o       -      y          y          y
call.park             o       -      y          y          y
call.pickup           y       -      y          y          y
call.record           -       -      y          y          y
call.play_recording   o       -      y          y          y
call.read             o       y      y          y          y
supervise.listen      -       -      y          y          y
supervise.whisper     -       -      y          y          y
supervise.barge       -       -      y          y          y
supervise.take_down   -       -      y          y          y
supervise.redirect    -       -      y          y          y
queue.read            y       y      y          y          y
agent.set_own         o       -      y          y          y
agent.set_other       -       -      y          y          y
mailbox.read          o       -      y          y          y
mailbox.delete        o       -      y          y          y
callback.order        o       -      y          y          y
callback.read         y       y      y          y          y
callback.manage       -       -      y          y          y
screening.read        -       y      y          y          y
screening.manage      -       -      y          y          y
seat.settings         o       -      y          y          y
customer.manage       -       -      y          y          y
conference.manage     o       -      y          y          y
recording.read        -       y      y          y          y
alerts.read           -       -      y          y          y
alerts.clear          -       -      y          y          y
token.manage          -       -      -          -          y
profile.edit          o       y      y          y          y
seat.take             y       -      y          y          y
seat.assign           -       -      -          y          y
session.read          -       y      o          y          y
report.read           -       y      o          y          y
class.read            -       y      o          y          y
class.manage          -       -      -          y          y
student.manage        -       -      o          y          y
user.manage           -       -      -          -          y
audit.read            -       -      -          y          y
customer.read         o       y      o          y          y
customer.edit         o       -      o          y          y
customer.delete       o       -      o          y          y
customer.merge        o       -      o          y          y
customer.sheet        -       -      y          y          y
ticket.read           o       y      o          y          y
ticket.edit           o       -      o          y          y
ticket.assign         o       -      o          y          y
order.read            o       y      o          y          y
order.edit            o       -      o          y          y
desk.setup            -       -      -          y          y
article.read          y       y      y          y          y
article.write         y       -      y          y          y
article.approve       -       -      y          y          y
message.send          y       y      y          y          y
announce              -       -      y          y          y
webhook.manage        -       -      -          y          y
"""
HEADS, *LINES = (line.split() for line in TABLE.strip().splitlines())
CELLS = [(line[0], role, word) for line in LINES for role, word in zip(HEADS[1:], line[1:], strict=True)]


def test_every_right_and_every_role_is_in_the_table() -> None:
    assert [line[0] for line in LINES] == [right.value for right in Right]
    assert tuple(HEADS[1:]) == ROLES


@pytest.mark.parametrize(("right", "role", "word"), CELLS)
def test_a_role_may_what_the_table_says(right: str, role: Role, word: str) -> None:
    asked = Right(right)
    assert (may(role, asked), may(role, asked, own=True)) == {
        "y": (True, True), "o": (False, True), "-": (False, False),
    }[word]  # fmt: skip
    actor = User(site_id="s", login="x", name="x", role=role, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    match word:
        case "y":
            check(actor, asked)
        case "o":
            check(actor, asked, own=True)
            with pytest.raises(NotYoursError, match="this is not yours"):
                check(actor, asked)
        case "-":
            with pytest.raises(NoRightError, match=f"the role {role} has no right {right}"):
                check(actor, asked, own=True)
