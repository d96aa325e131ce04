"""Listening to one's messages by phone (*97): how many, then each with when and from whom; next, again, delete, before.

Begun again by a new brain it begins with the count; what was heard or deleted is written down as it happens.
"""

from dataclasses import dataclass, field

from datasets.sayings import message_header, new_messages
from lab_server.floor.call import Call, Leg
from lab_server.floor.kit import Kit
from lab_server.floor.mailbox_place import boxes_of
from lab_server.floor.mailboxes import Kept

ANSWER_S = 6.0
SILENCES = 2
MOST_KEYS = 200
NEXT, AGAIN, DELETE, BEFORE, END = "1", "2", "3", "4", "*"


@dataclass
class _Listener:
    """Who listens, and where he is."""

    call: Call
    kit: Kit
    leg: Leg
    messages: list[Kept]
    at: int = 0
    deleted: set[str] = field(default_factory=set)

    @property
    def seat(self) -> str:
        return self.leg.seat or ""

    async def prompt(self, prompt: str) -> None:
        await self.kit.switch.prompt(self.call, self.leg, prompt, cut=self._keyed)

    def _keyed(self) -> bool:
        return bool(self.leg.digits) or self.leg.gone

    async def say(self, text: str) -> None:
        language = self.call.language or self.kit.settings.plan.language
        said = await self.kit.announcer.say(text, language)
        if said is not None:
            await self.kit.switch.say(self.call, self.leg, said, cut=self._keyed)

    async def key(self) -> str:
        """What he keys next; empty: nothing for a while."""
        await self.call.until(self._keyed, ANSWER_S)
        key, self.leg.digits = self.leg.digits[:1], self.leg.digits[1:]
        return key


async def listen(call: Call, kit: Kit, leg: Leg) -> None:
    """Play the messages of all mailboxes that are this seat's, new ones first."""
    await kit.switch.answer(leg)
    leg.digits = ""
    messages: list[Kept] = []
    for box in boxes_of(kit, leg.seat or ""):
        found = await kit.mailboxes.messages(box)
        if found is None:
            await kit.switch.prompt(call, leg, "failed")
            return
        messages += found
    messages.sort(key=lambda one: not one.new)
    listener = _Listener(call, kit, leg, messages)
    kit.book.noted(call, "mailbox.listened", {"seat": listener.seat, "messages": len(messages)})
    if not messages:
        await listener.prompt("mailbox-none")
        return
    new = sum(one.new for one in messages)
    await listener.say(new_messages(new, call.language or kit.settings.plan.language))
    await _play(listener)
    await _obey(listener)


async def _obey(listener: _Listener) -> None:
    silences = 0
    for _ in range(MOST_KEYS):
        await listener.prompt("mailbox-menu")
        key = await listener.key()
        silences = silences + 1 if not key else 0
        if key == END or silences >= SILENCES or listener.leg.gone:
            await listener.prompt("goodbye")
            return
        match key:
            case "1":
                await _go(listener, +1, "mailbox-no-more")
            case "2":
                await _play(listener)
            case "3":
                await _delete(listener)
            case "4":
                await _go(listener, -1, "mailbox-first")
            case "":
                pass
            case _:
                await listener.prompt("wrong-key")


async def _go(listener: _Listener, step: int, none: str) -> None:
    if not 0 <= listener.at + step < len(listener.messages):
        await listener.prompt(none)
        return
    listener.at += step
    await _play(listener)


async def _play(listener: _Listener) -> None:
    """When, from whom, and the message; from then on it is heard."""
    kit, one = listener.kit, listener.messages[listener.at]
    zone, language = kit.settings.plan.zone, listener.call.language or kit.settings.plan.language
    header = message_header(
        listener.at + 1, one.received_at.astimezone(zone), kit.now_utc().astimezone(zone), language, one.caller
    )
    await listener.say(header)
    if kit.recordings is None:
        await listener.prompt("mailbox-unreadable")
        return
    sound = (kit.recordings / one.path).with_suffix("")
    await kit.switch.say(
        listener.call,
        listener.leg,
        sound,
        one.length_s + 10.0,
        cut=lambda: bool(listener.leg.digits) or listener.leg.gone,
    )
    kit.mailboxes.heard(one.id, listener.seat)


async def _delete(listener: _Listener) -> None:
    """Delete it, or bring it back."""
    one = listener.messages[listener.at]
    if one.id in listener.deleted:
        listener.deleted.discard(one.id)
        listener.kit.mailboxes.bring_back(one.id, listener.seat)
        await listener.prompt("mailbox-restored")
    else:
        listener.deleted.add(one.id)
        listener.kit.mailboxes.delete(one.id, listener.seat)
        await listener.prompt("mailbox-deleted")
