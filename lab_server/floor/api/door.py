"""`FloorApi`: takes a command and its actor, asks whether that is allowed, has it done, answers."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lab_server.desk.rights import may
from lab_server.floor.api.actor import Actor
from lab_server.floor.api.answers import BAD_COMMAND, FAILED, NO_RIGHT, NOT_YOURS, SWITCH_AWAY, Answer
from lab_server.floor.api.commands import AnyCommand, Command
from lab_server.floor.api.feed import Feed
from lab_server.floor.api.group import demand_own_group
from lab_server.floor.api.rule import Work
from lab_server.floor.api.rules import RULES
from lab_server.floor.errors import Refused
from lab_server.floor.floor import Floor
from lab_server.floor.kit import Kit
from lab_server.routing.errors import RoutingError
from lab_server.store.errors import DatabaseBusyError
from lab_server.store.journal import Journal
from lab_server.store.writer import Reader, Writer
from telephony.ari import AriError

log = logging.getLogger(__name__)

_COMMANDS: TypeAdapter[AnyCommand] = TypeAdapter(AnyCommand)
_KEYS_KEPT = 1000
_TRY_AGAIN = frozenset({SWITCH_AWAY, DatabaseBusyError.error_id})
_ASKS_ONLY = frozenset(
    {
        "state", "counts", "mailboxes", "messages", "callbacks", "follow_me", "listed_numbers", "alerts", "recordings",
        "music_classes",
    }
)  # fmt: skip


class FloorApi:
    """Everything that can be asked of the floor. One for the brain's life; used on its event loop."""

    def __init__(
        self, floor: Floor, kit: Kit, reader: Reader, writer: Writer, journal: Journal, feed: Feed | None = None
    ) -> None:
        self._floor = floor
        self._kit = kit
        self._reader = reader
        self._writer = writer
        self._journal = journal
        self._feed = feed
        self._answers: OrderedDict[tuple[str, str], asyncio.Future[Answer]] = OrderedDict()

    async def ask(self, actor: Actor, data: Mapping[str, Any], key: str = "") -> Answer:
        """Have a command from outside done. The same `key` from the same user is answered as before, not done again."""
        known = self._answers.get((actor.user_id, key)) if key else None
        if known is not None:
            return await asyncio.shield(known)
        answering = asyncio.ensure_future(self._ask(actor, data))
        if key:
            self._answers[actor.user_id, key] = answering
            while len(self._answers) > _KEYS_KEPT:
                self._answers.popitem(last=False)
        answer = await asyncio.shield(answering)
        if key and answer.error in _TRY_AGAIN:
            self._answers.pop((actor.user_id, key), None)  # it may be tried again under the same key
        return answer

    async def _ask(self, actor: Actor, data: Mapping[str, Any]) -> Answer:
        try:
            command = _COMMANDS.validate_python(data)
        except ValidationError as wrong:
            return Answer(error=BAD_COMMAND, message=_why(wrong))
        return await self.do(actor, command)

    async def do(self, actor: Actor, command: Command) -> Answer:
        """Have a command done, and write down who wanted what and how it was answered."""
        answer = await self._carried_out(actor, command)
        contact = getattr(command, "contact", None)
        what = command.model_dump(mode="json", exclude={"contact"})
        if what["do"] not in _ASKS_ONLY:
            self._journal.append(
                contact if isinstance(contact, str) and self._floor.call(contact) is not None else None,
                "command.done" if answer.ok else "command.refused",
                {"command": what, "by": actor.user_id, "role": actor.role, "seat": actor.seat, "error": answer.error},
            )
        return answer

    async def _carried_out(self, actor: Actor, command: Command) -> Answer:
        rule = RULES[type(command)]
        work = Work(self._floor, self._kit, self._reader, self._writer, actor, self._feed)
        if not may(actor.role, rule.right, own=True):
            return Answer(error=NO_RIGHT, message=f"Your role ({actor.role}) may not do this: ask a supervisor.")
        own = rule.own(work, command)
        if not may(actor.role, rule.right, own=own):
            return Answer(error=NOT_YOURS, message="You may do this only with what is your own.")
        try:
            if not own:
                await demand_own_group(work, command)
            return Answer(result=dict(await rule.run(work, command)))
        except (Refused, RoutingError, DatabaseBusyError) as refused:
            sentence = str(refused).removesuffix(".")
            return Answer(error=refused.error_id, message=f"{sentence}.")
        except AriError as away:
            log.warning("%s could not be done: %s", type(command).__name__, away)
            return Answer(error=SWITCH_AWAY, message="The exchange does not answer just now: try again in a moment.")
        except Exception:  # a fault of ours: who asked is told at once, and the floor goes on; the cause is in the log
            log.exception("%s by %s could not be done", type(command).__name__, actor.user_id)
            return Answer(
                error=FAILED, message="This went wrong in the exchange: look at the state before you ask again."
            )


def _why(wrong: ValidationError) -> str:
    """The first thing that is wrong, without repeating more of what was sent than a name."""
    first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"].startswith("union_tag"):
        return "do: there is no such command: see docs/api.md for those there are."
    place = ".".join(f"{part:.40}" if isinstance(part, str) else str(part) for part in first["loc"])
    return f"{place or 'command'}: {first['msg']:.300}."
