"""What was just done, and how to undo it. The address carries a word of this list and an id, never a text."""

from dataclasses import dataclass

from fastapi import Request

from lab_server.i18n import Translator
from lab_server.ids import is_id


@dataclass(frozen=True)
class Told:
    """`undo`: where a form with `of` goes that undoes it; "" for nothing to undo."""

    text: str
    undo: str = ""
    of: str = ""


_UNDO = {
    "cb_cancelled": "/callbacks/{}/reopen",
    "cb_done": "/callbacks/{}/unsettle",
    "vm_deleted": "/mailbox/{}/back",
    "an_withdrawn": "/announcements/{}/back",
}


def told(say: Translator, request: Request) -> Told | None:
    """None for a word that is none of ours."""
    _ = say.gettext
    known = {
        "cb_cancelled": _("Nobody will ring."),
        "cb_done": _("Done: the customer was reached."),
        "cb_not_reached": _("Noted. It is tried again in a while."),
        "cb_postponed": _("Nobody rings before then."),
        "cb_back": _("It waits again."),
        "cb_rings": _("Your phone rings now; the customer's rings when you have answered."),
        "vm_deleted": _("Deleted."),
        "vm_back": _("The message is back."),
        "sent": _("Sent."),
        "an_made": _("It can be read now by those it is for."),
        "an_withdrawn": _("Withdrawn: nobody sees it any more."),
        "an_back": _("It can be read again."),
    }
    word, of = request.query_params.get("done", ""), request.query_params.get("of", "")
    if word not in known:
        return None
    return Told(known[word], _UNDO[word].format(of) if word in _UNDO and is_id(of) else "", of if is_id(of) else "")
