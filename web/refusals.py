"""What the desk refuses, as a sentence in the reader's language and a status. The desk's own texts are English."""

from lab_server.desk import errors
from lab_server.i18n import Translator
from lab_server.webhooks.errors import UnknownWebhookError, WebhookError

STATUS: dict[type[errors.DeskError], int] = {
    errors.NoRightError: 403,
    errors.NotYoursError: 403,
    errors.UnknownUserError: 404,
    errors.UnknownAlertError: 404,
    errors.UnknownClassError: 404,
    errors.UnknownSeatError: 404,
    errors.UnknownContactError: 404,
    errors.UnknownCustomerError: 404,
    errors.UnknownTicketError: 404,
    errors.UnknownOrderError: 404,
    errors.UnknownProductError: 404,
    errors.UnknownArticleError: 404,
    errors.UnknownCallbackError: 404,
    errors.UnknownMessageError: 404,
    errors.UnknownCategoryError: 404,
    errors.UnknownRecordingError: 404,
    errors.UnknownSurveyError: 404,
    errors.UnknownTemplateError: 404,
    errors.UnknownScriptError: 404,
    errors.TemplateError: 422,
    UnknownWebhookError: 404,
    WebhookError: 422,
    errors.LinkError: 410,
    errors.UnknownTicketError: 404,
    errors.UnknownOrderError: 404,
    errors.UnknownProductError: 404,
    errors.GoneError: 410,
    errors.AttachmentError: 422,
    errors.SheetError: 422,
    errors.UnknownCategoryError: 422,
    errors.VirtualNumberError: 422,
    errors.BadValueError: 422,
    errors.UserError: 422,
    errors.ClassListError: 422,
    errors.UnknownFieldError: 422,
    errors.WrongFormError: 422,
    errors.FormFaultsError: 422,
    errors.AttachmentError: 422,
    errors.TokenError: 422,
}


def status_of(error: errors.DeskError) -> int:
    """What HTTP calls the refusal; 409 for all that is a matter of what is there already."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 409)


def sentence(say: Translator, error: errors.DeskError) -> str:
    """What to tell the reader."""
    _ = say.gettext
    known = {
        "desk.no_right": _("Your role may not do this."),
        "desk.not_yours": _("This is not yours: you may do it with what is your own only."),
        "desk.unknown_user": _("There is no such user, or none of yours."),
        "desk.unknown_class": _("There is no such class, or it is not yours."),
        "desk.unknown_seat": _("There is no such seat."),
        "desk.seat_taken": _("Somebody sits there: choose another seat, or have the teacher sign that one out."),
        "desk.link": _("This link was used already, or is older than a day. Have a new one made."),
        "desk.taken": _("That is there already: choose another name."),
        "desk.bad_value": _("A value cannot be taken as it is: empty, too long, or not a time to come."),
        "desk.user": _("A login has up to 40 of a-z, 0-9, dot, dash and underscore."),
        "desk.shown": _("This was shown already: the teacher can show it again."),
        "desk.unknown_alert": _("There is no such alert."),
        "desk.unknown_template": _("There is no such form, or nothing of it to publish."),
        "desk.unknown_article": _("There is no such article, or it is not published."),
        "desk.unknown_script": _("There is no such talk script."),
        "desk.unknown_survey": _("There is no such survey."),
        "desk.unknown_message": _("There is no such message."),
        "desk.unknown_callback": _("There is no such call-back."),
        "desk.callback_state": _("Somebody else is at this call-back, or it is over."),
        "desk.state": _("This cannot be done any more: it has changed meanwhile. Look at it again."),
        "desk.template": _("The form cannot be kept as it is."),
        "desk.form_faults": _("Some answers are not right yet."),
        "desk.handed_on": _("The call was handed on: who has it now may record it."),
        "desk.graded": _("This call has been graded: what was recorded stays."),
        "desk.unknown_contact": _("There is no such call, or it is not yours."),
        "desk.unknown_customer": _("There is no such customer."),
        "desk.virtual_number": _("This is a virtual caller's number: it belongs to training only."),
        "desk.gone": _("This record was deleted or merged into another: open it to see which, or to bring it back."),
        "desk.field_conflict": _("Somebody has changed the same: choose which is right."),
        "desk.changed": _("Somebody was faster: look at what is there now, then do it again."),
        "desk.unknown_ticket": _("There is no such ticket, or it is not yours."),
        "desk.unknown_order": _("There is no such order, or it is not yours."),
        "desk.unknown_product": _("There is no such product."),
        "desk.unknown_category": _("This category is not offered any more: choose another."),
        "desk.stock": _("There are not so many: see how many are there."),
        "desk.attachment": _("There is no such file, or it cannot be read."),
        "desk.sheet": _("The list cannot be taken in as it is. Nothing was changed."),
        "desk.class_list": _("The list cannot be taken in as it is. Nothing was changed."),
    }
    known |= {
        "desk.webhook": _(
            "This receiver cannot be told: choose an address whose host is allowed, and what it is told."
        ),
        "desk.unknown_webhook": _("There is no such receiver, or it was told nothing of that id."),
        "desk.token": _(
            "A token cannot be made so: give it a name of at most 80 characters; twenty at once are the most."
        ),
    }
    return known.get(error.error_id, _("This cannot be done."))
