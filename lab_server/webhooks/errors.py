"""What is refused about webhooks."""

from lab_server.desk.errors import DeskError


class WebhookError(DeskError):
    """A receiver that cannot be told anything: its address, its events; the text says what would do."""

    error_id = "desk.webhook"


class UnknownWebhookError(DeskError):
    """No such receiver, or no such delivery, at this site."""

    error_id = "desk.unknown_webhook"
