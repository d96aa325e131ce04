"""What a waiting caller is told now and then: its place, and how long it will probably wait."""

import asyncio

from datasets import sayings
from lab_server.floor.call import Call
from lab_server.floor.figures import wait_said
from lab_server.floor.kit import Kit
from lab_server.floor.screened import customer

STILL = "still-waiting"


async def tell(call: Call, kit: Kit) -> None:
    """Say it over the music, which goes on afterwards. An offer ends it at once; a key, too.

    The sentences are made while the music plays. If they cannot be, the caller hears that it is not forgotten.
    """
    leg, language = customer(call), call.language or kit.settings.plan.language
    place, wait_s = kit.distribution.place(call.contact), kit.distribution.expected_wait_s(call.contact)
    if place is None:
        return
    texts = [sayings.queue_position(place, language), wait_said(wait_s, language)]
    made = await asyncio.gather(*(kit.announcer.say(text, language) for text in texts if text is not None))
    kit.book.noted(call, "queue.told", {"place": place, "wait_s": None if wait_s is None else round(wait_s)})

    def interrupted() -> bool:
        return bool(call.offered or call.digits)

    if not interrupted() and not any(made):
        await kit.switch.prompt(call, leg, STILL, cut=interrupted)
    for sentence in made:
        if sentence is not None and not interrupted():
            await kit.switch.say(call, leg, sentence, cut=interrupted)
