"""What was just done, in a sentence. The address carries a word of this list, never the text."""

from lab_server.i18n import Translator


def said(say: Translator, done: str) -> str:
    """ "" for a word that is none of ours."""
    _ = say.gettext
    known = {
        "bell": _("The bell is set."),
        "rung": _("Everybody in the class is signed out."),
        "joined": _("Added to the class."),
        "left": _("Taken out of the class."),
        "unlocked": _("Unlocked: the next try counts."),
        "signed_out": _("Signed out everywhere."),
        "disabled": _("Has left: signs in no more."),
        "enabled": _("Is back."),
        "made": _("Made. Now give a link for the password."),
    }
    return known.get(done, "")
