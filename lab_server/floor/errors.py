"""Why the floor refuses a command. A refused command changes nothing."""


class Refused(Exception):  # noqa: N818 (the field's word; it is an answer, not a fault)
    """`error_id` is stable and for programs; the message says what to do next."""

    def __init__(self, error_id: str, message: str) -> None:
        super().__init__(message)
        self.error_id = error_id
