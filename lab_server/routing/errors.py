"""What routing refuses."""


class RoutingError(Exception):
    """A request that does not fit the present state; the state is unchanged."""

    def __init__(self, error_id: str, message: str) -> None:
        super().__init__(message)
        self.error_id = error_id
