"""What the desk refuses, each with what to do instead. The texts are for people at the desk's API, not for callers."""

from collections.abc import Sequence
from typing import Any, ClassVar


class DeskError(Exception):
    """Any refusal of the desk."""

    error_id: ClassVar[str] = "desk"


class UnknownContactError(DeskError):
    """No such contact, or none that this user may know of: the two are not told apart."""

    error_id = "desk.unknown_contact"


class NotYoursError(DeskError):
    """The contact was answered at another seat."""

    error_id = "desk.not_yours"


class HandedOnError(NotYoursError):
    """The contact has gone on to another agent, who records it now."""

    error_id = "desk.handed_on"


class NoRightError(DeskError):
    """The user's role may not do this."""

    error_id = "desk.no_right"


class WrongFormError(DeskError):
    """This contact is recorded on another form."""

    error_id = "desk.wrong_form"


class UnknownFieldError(DeskError):
    """The form has no such field."""

    error_id = "desk.unknown_field"


class BadValueError(DeskError):
    """A value that cannot be kept: too long, or with characters no keyboard types."""

    error_id = "desk.bad_value"


class GradedError(DeskError):
    """The contact has its scorecard: what was recorded stays as it was graded."""

    error_id = "desk.graded"


class NothingToUndoError(DeskError):
    """Nothing has been saved on this form, or all of it is undone already."""

    error_id = "desk.nothing_to_undo"


class KeyReusedError(DeskError):
    """An idempotency key came again with something else."""

    error_id = "desk.key_reused"


class VirtualNumberError(DeskError):
    """A virtual customer's number in production."""

    error_id = "desk.virtual_number"


class UserError(DeskError):
    """A user or seat that cannot be made as asked."""

    error_id = "desk.user"


class UnknownMessageError(DeskError):
    """No such message in a mailbox of this site."""

    error_id = "desk.unknown_message"


class UnknownCallbackError(DeskError):
    """No such call-back at this site."""

    error_id = "desk.unknown_callback"


class CallbackStateError(DeskError):
    """The call-back is in a state in which this cannot be done."""

    error_id = "desk.callback_state"


class ShownError(DeskError):
    """What is shown once was shown already."""

    error_id = "desk.shown"


class UnknownAlertError(DeskError):
    """No such alert at this site."""

    error_id = "desk.unknown_alert"


class UnknownListedNumberError(DeskError):
    """No such entry of a list of numbers."""

    error_id = "desk.unknown_listed_number"


class UnknownSeatError(DeskError):
    """The site has no such seat."""

    error_id = "desk.unknown_seat"


class UnknownCustomerError(DeskError):
    """No such customer at this site."""

    error_id = "desk.unknown_customer"


class TakenError(DeskError):
    """Something that may be there once is there already."""

    error_id = "desk.taken"


class UnknownRecordingError(DeskError):
    """No such recording of this customer's earlier contacts."""

    error_id = "desk.unknown_recording"


class TokenError(DeskError):
    """A token that cannot be made, or is not there."""

    error_id = "desk.token"


class UnknownUserError(DeskError):
    """No such user at this site, or none whom this user may know of."""

    error_id = "desk.unknown_user"


class UnknownClassError(DeskError):
    """No such class at this site, or none that this user may know of."""

    error_id = "desk.unknown_class"


class SeatTakenError(DeskError):
    """Somebody else sits there."""

    error_id = "desk.seat_taken"


class LinkError(DeskError):
    """A one-time link that is unknown, used or too old."""

    error_id = "desk.link"


class ClassListError(DeskError):
    """A class list that cannot be read, or not be taken as it is: nothing of it was."""

    error_id = "desk.class_list"


class TemplateError(DeskError):
    """A form's template that cannot be: the text names every fault."""

    error_id = "desk.template"


class UnknownTemplateError(DeskError):
    """No such template at this site, or none in the state that is needed."""

    error_id = "desk.unknown_template"


class FormFaultsError(DeskError):
    """The form cannot be finished: `faults` says why, field by field, in each language."""

    error_id = "desk.form_faults"

    def __init__(self, faults: Sequence[Any]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class FieldConflictError(DeskError):
    """Others changed the same fields meanwhile: `conflicts` has both values."""

    error_id = "desk.field_conflict"

    def __init__(self, text: str, conflicts: Sequence[Any]) -> None:
        super().__init__(text)
        self.conflicts = tuple(conflicts)


class GoneError(DeskError):
    """The record was deleted or merged into another."""

    error_id = "desk.gone"


class SheetError(DeskError):
    """A list that cannot be imported: `faults` names every row that is wrong."""

    error_id = "desk.sheet"

    def __init__(self, text: str, faults: Sequence[Any] = ()) -> None:
        super().__init__(text)
        self.faults = tuple(faults)


class UnknownTicketError(DeskError):
    """No such ticket, or none that this user may see."""

    error_id = "desk.unknown_ticket"


class UnknownOrderError(DeskError):
    """No such order, or none that this user may see."""

    error_id = "desk.unknown_order"


class StateError(DeskError):
    """What is asked cannot be done in the state the record is in."""

    error_id = "desk.state"


class StockError(DeskError):
    """There are not so many."""

    error_id = "desk.stock"


class UnknownProductError(DeskError):
    """The catalogue has no such article."""

    error_id = "desk.unknown_product"


class ChangedError(DeskError):
    """Somebody has changed the record since: read it again."""

    error_id = "desk.changed"


class AttachmentError(DeskError):
    """A file that is not taken: too big, of a type that is not allowed, or gone."""

    error_id = "desk.attachment"


class UnknownArticleError(DeskError):
    """No such article, or none that readers may see."""

    error_id = "desk.unknown_article"


class UnknownScriptError(DeskError):
    """No such talk script."""

    error_id = "desk.unknown_script"


class UnknownSurveyError(DeskError):
    """No such survey."""

    error_id = "desk.unknown_survey"


class UnknownCategoryError(DeskError):
    """No such node of the category tree."""

    error_id = "desk.unknown_category"
