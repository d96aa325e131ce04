"""What the phone's script says, in the reader's language: it gets all its words with the page."""

from lab_server.i18n import Translator


def phone_words(spoken: Translator) -> dict[str, str]:
    """By the names that `static/phone/page.js` uses."""
    _ = spoken.gettext
    return {
        "starting": _("The phone is being switched on …"),
        "line_off": _("Off"),
        "line_connecting": _("Connecting"),
        "line_ready": _("Can be called"),
        "line_lost": _("No connection; it is tried again"),
        "line_refused": _("The switch refuses this phone"),
        "line_taken": _("This seat's phone has been opened in another browser"),
        "line_expired": _("Your time at this seat is over: open it again"),
        "other_tab": _("The phone is open in another tab. It goes on here when that one is closed."),
        "call_ringing": _("Rings"),
        "call_dialling": _("Calling"),
        "call_answering": _("Connecting"),
        "call_talking": _("In a call"),
        "muted": _("Muted: the other side hears nothing"),
        "ended": _("The call is over."),
        "ended_by_other": _("The other side has hung up."),
        "test_call": _("Test call"),
        "test_hint": _("You hear what you say."),
        "microphone_denied": _(
            "The browser may not use the microphone. Allow it at the lock or camera sign beside the address, then "
            "switch the phone on again."
        ),
        "microphone_missing": _("There is no microphone. Plug in a headset, then switch the phone on again."),
        "microphone_busy": _("Another program has the microphone. Close it, then switch the phone on again."),
        "microphone_broken": _("The microphone does not work. Try another one, then switch the phone on again."),
        "microphone_insecure": _(
            "Browsers give the microphone only to pages over https. Open this page by its https address."
        ),
    }
