"""The menus' interpreter: carries out what `routing.ivr` says is to be done, and tells it what happened."""

from lab_server.desk.members import PinVerdict
from lab_server.floor import figures
from lab_server.floor.call import Call, Place, Stage
from lab_server.floor.kit import Kit
from lab_server.floor.knowing import mode_of
from lab_server.floor.menu_place import begin, remember
from lab_server.floor.onward import go_on
from lab_server.floor.screened import arrived, customer
from lab_server.routing import ivr
from lab_server.routing.ivr_entry import Rules, Taken
from lab_server.routing.ivr_state import IvrError, State
from lab_server.routing.target import Kind

PROMPT_S = 120.0
"""The longest that a prompt of a menu may take: somebody may have written a poem."""


async def menu(call: Call, kit: Kit) -> Stage:
    """Walk on from the caller's place until the menus send it somewhere; what it keys ahead counts.

    The place stands on the channel before anything is said there, so a brain that comes after us goes on from it.
    """
    leg, machine = customer(call), kit.settings.plan.ivr()
    if leg.seated is not Place.ALONE:  # sent here out of a talk
        await kit.switch.bring(call, Place.ALONE, leg)
        leg.seated = Place.ALONE
    try:
        state, action = machine.resume(await _place(call, kit))
        while not isinstance(action, ivr.Go):
            remember(call, state)
            await kit.switch.note(leg)
            state, action = machine.step(state, await _done(call, kit, state, action))
    except IvrError as lost:
        kit.book.noted(call, "menu.lost", {"place": call.menu, "error": lost.error_id, "why": str(lost)})
        return await go_on(call, kit, kit.settings.plan.at_last)
    remember(call, state)
    call.priority += action.priority
    leg.notes["priority"] = str(call.priority or "")
    return await go_on(call, kit, action.target, action.otherwise)


async def _place(call: Call, kit: Kit) -> str:
    """Where in the menus; from the start if the brain before us died before it had written that down."""
    if not call.menu:
        arrival = await arrived(call, kit)
        target = arrival.to if arrival.to is not None and arrival.to.kind is Kind.MENU else None
        begin(call, kit, target.name if target is not None else next(iter(kit.settings.plan.menus), ""))
    return call.menu


async def _done(call: Call, kit: Kit, state: State, action: ivr.Action) -> ivr.Event:
    """Do it, and say what came of it."""
    match action:
        case ivr.Play(prompt, cut):
            await kit.switch.prompt(call, customer(call), prompt, PROMPT_S, lambda: cut and Rules.began(call.digits))
            return ivr.Played()
        case ivr.Collect():
            return ivr.Keyed(await _keyed(call, kit, state, action))
        case ivr.CheckMember(number, pin):
            return await _checked(call, kit, number, pin)
        case ivr.Say(figure, blanks):
            return ivr.Said(await _said(call, kit, figure, dict(blanks)))
        case ivr.SetLanguage(language):
            call.language = language
            customer(call).notes["language"] = language
            return ivr.Played()
        case ivr.Go():
            raise AssertionError("going on is no step of the menus")


async def _keyed(call: Call, kit: Kit, state: State, ask: ivr.Collect) -> str:
    """Ask, and read keys until they are an entry. The first key cuts the prompts, or spares them if it came before."""
    if ask.fresh:
        call.digits = ""
    for prompt in ask.prompts:
        if not Rules.began(call.digits):
            await kit.switch.prompt(call, customer(call), prompt, PROMPT_S, lambda: Rules.began(call.digits))
    taken = Taken("")

    def whole(keyed: str, quiet_s: float) -> bool:
        nonlocal taken
        found = ask.rules.take(keyed, quiet_s)
        taken = found or taken
        return found is not None

    await kit.digits(call, whole, lambda keyed: ask.rules.wait_s(keyed.lstrip("#")))
    after = call.digits.lstrip("#")[len(taken.entry) :]
    # Whatever was keyed is kept no longer: it may be a PIN, and so may what follows one without a #.
    call.digits = "" if ask.rules.secret and not after.startswith("#") else taken.rest
    noted = ask.rules.noted(taken.entry)
    if kit.settings.plan.menus[state.menu].nodes[state.node].kind == "member":
        noted["keyed"] = ""  # whoever keys a PIN too slowly keys its end where the number is asked for again
    kit.book.noted(call, "menu.keyed", {"menu": state.menu, "node": state.node, **noted})
    return taken.entry


async def _checked(call: Call, kit: Kit, number: str, pin: str) -> ivr.Checked:
    """Whose the number is stays with the call, for what may then be said."""
    check = await kit.directory.member(number, pin, mode_of(call))
    if check is None:
        kit.book.noted(call, "member.not_checked", {})
        return ivr.Checked(ok=False, final=True)
    right = check.verdict is PinVerdict.RIGHT
    kit.book.noted(call, "member.checked", {"number": number if right else "", "verdict": check.verdict})
    if check.customer_id is not None:
        customer(call).notes[figures.checked_as(number)] = check.customer_id
    return ivr.Checked(right, check.verdict is PinVerdict.LOCKED)


async def _said(call: Call, kit: Kit, figure: str, blanks: dict[str, str]) -> bool:
    """False: there is nothing to say, or nobody can say it now."""
    sentence = await figures.sentence(call, kit, figure, blanks)
    made = None
    if sentence is not None:
        made = await kit.announcer.say(sentence, call.language or kit.settings.plan.language)
    kit.book.noted(call, "menu.said", {"figure": figure, "said": made is not None})
    if made is not None:
        await kit.switch.say(call, customer(call), made)
    return made is not None
