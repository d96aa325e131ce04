"""After the talk: the caller rates it with a key."""

from lab_server.floor import talk
from lab_server.floor.call import Call, Place, Stage
from lab_server.floor.kit import Kit
from lab_server.floor.screened import customer

RATINGS = frozenset("12345")


async def rated(call: Call, kit: Kit) -> Stage:
    """Ask for a key from 1 to 5, once more if it was another; the contact's end does not depend on the answer."""
    leg = customer(call)
    for other in call.others:  # a supervisor who listened: there is nothing more to hear
        other.place = Place.OUT
    await talk.show_out(call, kit)
    for prompt in ("rate-us", "bad-rating") if call.rating is None else ():
        call.digits = ""
        await kit.switch.prompt(call, leg, prompt, cut=lambda: bool(call.digits))
        await call.until(lambda: bool(call.digits), kit.settings.rating_s)
        if call.digits[:1] in RATINGS:
            call.rating = int(call.digits[0])
            kit.book.noted(call, "contact.rated", {"rating": call.rating})
            await kit.switch.note(leg, rating=call.rating)  # a brain that comes after us need not ask again
        if not call.digits or call.rating is not None:
            break
    await kit.switch.prompt(call, leg, "thanks")
    return Stage.ENDED
