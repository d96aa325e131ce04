"""The records' words in the reader's language: kinds, states, steps, and what was just done."""

from lab_server.i18n import Translator


def kinds(say: Translator) -> dict[str, str]:
    """Of tickets."""
    _ = say.gettext
    return {
        "consultation": _("Consultation"), "query": _("Query"), "complaint": _("Complaint"), "fault": _("Fault report"),
        "suggestion": _("Suggestion"), "application": _("Application"),
    }  # fmt: skip


def urgencies(say: Translator) -> dict[str, str]:
    """Of tickets, and how soon each is due unless somebody says otherwise."""
    _ = say.gettext
    return {
        "low": _("Low (7 days)"), "normal": _("Normal (3 days)"), "high": _("High (1 day)"),
        "urgent": _("Urgent (4 hours)"),
    }  # fmt: skip


def urgency_names(say: Translator) -> dict[str, str]:
    """In a list."""
    _ = say.gettext
    return {"low": _("low"), "normal": _("normal"), "high": _("high"), "urgent": _("urgent")}


def ticket_states(say: Translator) -> dict[str, str]:
    _ = say.gettext
    return {"open": _("To be done"), "assigned": _("Assigned"), "resolved": _("Resolved"), "closed": _("Closed")}


def ticket_steps(say: Translator) -> dict[str, str]:
    """What happened to a ticket."""
    _ = say.gettext
    return {
        "opened": _("Ticket written"), "changed": _("Changed"), "assigned": _("Given on"), "moved": _("Moved on"),
        "commented": _("Remark"), "uncommented": _("Remark taken back or put back"), "attached": _("File added"),
        "detached": _("File taken away"), "attachment_back": _("File put back"),
    }  # fmt: skip


def ticket_fields(say: Translator) -> dict[str, str]:
    _ = say.gettext
    return {
        "title": _("Subject"), "text": _("What it is about"), "kind": _("Kind"), "category_id": _("Category"),
        "urgency": _("Urgency"), "due_at": _("Due"), "customer_id": _("Customer"),
    }  # fmt: skip


def piles(say: Translator) -> dict[str, str]:
    """The lists of tickets."""
    _ = say.gettext
    return {
        "mine": _("For me"), "open": _("Not done yet"), "overdue": _("Overdue"), "written": _("Written by me"),
        "all": _("All"),
    }  # fmt: skip


def order_states(say: Translator) -> dict[str, str]:
    _ = say.gettext
    return {
        "open": _("On the form"), "confirmed": _("Confirmed"), "placed": _("Placed"), "paid": _("Paid"),
        "shipped": _("Shipped"), "delivered": _("Delivered"), "returned": _("Returned"), "cancelled": _("Cancelled"),
    }  # fmt: skip


def order_steps(say: Translator) -> dict[str, str]:
    """The buttons that take the next step."""
    _ = say.gettext
    return {
        "paid": _("It is paid"), "shipped": _("It is shipped"), "delivered": _("It is delivered"),
        "returned": _("It came back"), "cancelled": _("Cancel the order"), "delivery": _("Delivery changed"),
    }  # fmt: skip


def order_piles(say: Translator) -> dict[str, str]:
    """The lists of orders."""
    _ = say.gettext
    return {"going": _("On their way"), **{name: order_states(say)[name] for name in _ENDS}, "all": _("All")}


_ENDS = ("placed", "paid", "shipped", "delivered", "returned", "cancelled")


def payments(say: Translator) -> dict[str, str]:
    _ = say.gettext
    return {"cod": _("Cash on delivery"), "prepaid": _("Paid before it is sent")}


def line_faults(say: Translator) -> dict[str, str]:
    """Why a line of an order cannot be had."""
    _ = say.gettext
    return {
        "unknown": _("There is no such product."), "quantity": _("How many? A number from 1 to 9999."),
        "variant": _("Choose which kind."), "stock": _("There are not so many."),
    }  # fmt: skip


def customer_fields(say: Translator) -> dict[str, str]:
    _ = say.gettext
    return {
        "number": _("Number"), "name": _("Name"), "salutation": _("Salutation"), "address": _("Address"),
        "note": _("Note"), "is_vip": _("VIP"),
    }  # fmt: skip


def salutations(say: Translator) -> dict[str, str]:
    _ = say.gettext
    return {"": "", "f": _("Ms"), "m": _("Mr")}


def changes(say: Translator) -> dict[str, str]:
    """What happened to a customer's record."""
    _ = say.gettext
    return {
        "created": _("Written down"), "edited": _("Changed"), "deleted": _("Deleted"),
        "brought_back": _("Brought back"), "merged": _("Merged"), "unmerged": _("Separated again"),
    }  # fmt: skip


def done(say: Translator, word: str) -> str:
    """What was just done; the address carries a word of this list, never the text."""
    _ = say.gettext
    known = {
        "created": _("The customer is written down."), "saved": _("Saved."), "unchanged": _("Nothing was changed."),
        "undone": _("The change is taken back."), "deleted": _("Deleted. It can be brought back here."),
        "back": _("The record is back."), "merged": _("The two records are one now."),
        "unmerged": _("They are two records again."), "number": _("The number is added."),
        "number_gone": _("The number is taken away."), "opened": _("The ticket is written."),
        "assigned": _("The ticket is given on."), "moved": _("Done."), "remark": _("The remark is kept."),
        "remark_gone": _("The remark is taken back."),
        "remark_empty": _("The remark was not kept: it is empty or too long."), "file": _("The file is kept."),
        "file_gone": _("The file is taken away."), "file_back": _("The file is back."),
        "placed": _("The order is placed."), "stepped": _("Done."), "delivery": _("The delivery is changed."),
        "article": _("The product is kept."), "stock": _("The stock is changed."),
    }  # fmt: skip
    return known.get(word, "")
