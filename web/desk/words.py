"""What the desk's script says, in the reader's language, and what the floor refuses as a sentence."""

from lab_server.i18n import Translator

_REFUSED = "refused_"


def reasons(spoken: Translator) -> list[str]:
    """Why one is not ready: offered, others may be typed."""
    _ = spoken.gettext
    return [_("Break"), _("Lunch"), _("Training"), _("Writing up"), _("Meeting")]


def refusal(spoken: Translator, error: str) -> str:
    """The floor's refusal as a sentence."""
    known = desk_words(spoken)
    return known.get(_REFUSED + error, known["refused"])


def desk_words(spoken: Translator) -> dict[str, str]:
    """By the names that `static/desk/*.js` use."""
    _ = spoken.gettext
    return {
        "state_offline": _("Signed off"),
        "state_ready": _("Ready"),
        "state_not_ready": _("Not ready"),
        "state_ringing": _("Rings"),
        "state_talking": _("In a call"),
        "state_wrap_up": _("Writing up"),
        "reason_no_answer": _("did not answer"),
        "reason_do_not_disturb": _("do not disturb"),
        "held": _("On hold: the customer hears music"),
        "consulting": _("You are asking a colleague; the customer hears music"),
        "asked_rings": _("The colleague's phone rings; the customer hears music"),
        "parked_at": _("Parked at place %(slot)s"),
        "waiting": _("waiting"),
        "longest": _("longest"),
        "queue_complaint": _("Complaints"),
        "queue_order": _("Orders"),
        "queue_survey": _("Surveys"),
        "nobody_waits": _("Nobody is waiting."),
        "wrap_left": _("still %(time)s"),
        "saving": _("Saving …"),
        "saved": _("Saved"),
        "unsaved": _(
            "Not saved yet: the connection is gone. It is kept in this browser and sent as soon as it is back."
        ),
        "not_kept": _("This could not be kept: %(why)s"),
        "live_lost": _("No connection to the floor; it is tried again"),
        "signed_out": _("You have been signed out: sign in again."),
        "where_to": _("Say where to: choose a colleague or a queue, or type a number."),
        "which_slot": _("Type the number of the parking place."),
        "faulty": _("Some fields are not right yet. Press again to finish all the same."),
        "no_phone": _("The phone of this page is not installed: use the SIP phone at this seat."),
        "calling": _("A caller rings you in a moment."),
        "class_runs": _("You are ready. A class is running: its callers ring you."),
        "reading": _("Reading the scorecard"),
        "refused_class_runs": _("You are ready. A class is running: its callers ring you."),
        "refused_practice_no_seat": _("Every seat is taken: wait until one is free."),
        "refused_practice_no_phone": _(
            "There is no phone at this seat yet: switch on the phone of this page, or register the SIP phone."
        ),
        "refused_practice_no_voices": _("No caller can speak: no speech engine is installed on the server."),
        "refused_practice_in_call": _("You are in a call, or writing one up: finish that first."),
        "refused_practice_own_runs": _("Your last caller is still on the way, or its call is being graded."),
        "refused_practice_too_soon": _("You have just had a caller: wait some seconds."),
        "refused_practice_too_many": _("That were many callers: go on a little later."),
        "refused_practice_no_scenario": _("There is no incoming call in this language among the scenarios."),
        "refused": _("That cannot be done just now."),
        "refused_floor_away": _("The exchange does not answer just now: try again in a moment."),
        "refused_switch_away": _("The switch does not answer just now: try again in a moment."),
        "refused_no_seat": _("You have no seat: choose one first."),
        "refused_no_such_seat": _("There is no such seat on the floor."),
        "refused_unknown_seat": _("Nobody has signed on at that seat."),
        "refused_signed_off": _("You are signed off: sign on first."),
        "refused_not_in_wrap_up": _("There is nothing to finish: the call is still going on, or is written up."),
        "refused_bad_reason": _("That is no reason: up to 40 characters of your own."),
        "refused_no_right": _("Your role may not do this."),
        "refused_not_yours": _("This is not yours: you may do it with what is your own only."),
        "refused_seat_not_available": _("That colleague is busy or away."),
        "refused_not_available": _("That colleague is busy or away."),
        "refused_agent": _("That colleague is busy."),
        "refused_unknown_contact": _("This call is over."),
        "refused_unknown_queue": _("There is no such queue."),
        "refused_queue_full": _("That queue is full."),
        "refused_bad_command": _("That is no place to send a call to."),
        "refused_park_empty": _("Nobody is parked there."),
        "refused_park_full": _("All parking places are taken."),
        "refused_nothing_to_pick_up": _("No phone rings that could be picked up."),
        "refused_not_talking": _("You are not in a talk."),
        "refused_not_answered": _("The colleague has not answered yet."),
        "refused_consulting": _("You are asking a colleague already."),
        "refused_nobody_left": _("Nobody would be left with the customer."),
    }
