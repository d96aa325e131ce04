"""Where a caller is in the menus: kept on the call, and on its channel for the next brain."""

from dataclasses import replace

from lab_server.floor.call import Call, Place, Stage
from lab_server.floor.errors import Refused
from lab_server.floor.kit import Kit
from lab_server.routing.ivr_state import Facts, IvrError, State


def begin(call: Call, kit: Kit, menu: str) -> None:
    """The caller comes to a menu; what is known of the call, and of an earlier menu what was keyed, stays known.

    Raises `Refused` `unknown_menu`.
    """
    try:
        state, _ = kit.settings.plan.ivr().begin(menu, facts_of(call, kit))
    except IvrError as wrong:
        raise Refused(wrong.error_id, f"{wrong}.") from wrong
    before = read(call)
    remember(call, replace(state, blanks={**before.blanks, **state.blanks}) if before else state)
    if call.customer is not None:
        call.customer.place = Place.ALONE
    call.stage = Stage.MENU


def remember(call: Call, state: State) -> None:
    """To be written on the channel with the next note. Never holds a PIN."""
    call.menu = state.text()
    if call.customer is not None:
        call.customer.notes["menu"] = call.menu


def read(call: Call) -> State | None:
    """The place, if the call has one that can be read."""
    if not call.menu:
        return None
    try:
        return State.read(call.menu)
    except IvrError:
        return None


def facts_of(call: Call, kit: Kit) -> Facts:
    """What is known of the call, in the language it hears now."""
    before = read(call)
    facts = before.facts if before else call.facts or Facts(vip=call.priority > 0)
    return replace(facts, language=call.language or kit.settings.plan.language)
