"""What can go wrong with the database, said so that an operator knows what to do next."""

from typing import ClassVar


class StoreError(Exception):
    error_id: ClassVar[str] = "store"


class DatabaseTooNewError(StoreError):
    """The database was made by a newer Ringside."""

    error_id = "store.too_new"


class DatabaseUnreachableError(StoreError):
    """There is no such database, or it refuses us."""

    error_id = "store.unreachable"


class DatabaseDamagedError(StoreError):
    """The file is no database, or no longer one."""

    error_id = "store.damaged"


class DatabaseBusyError(StoreError):
    """Another process held the database's lock longer than we would wait."""

    error_id = "store.busy"


class StoreClosedError(StoreError):
    """Work was handed to a writer or reader that has been closed."""

    error_id = "store.closed"


class EndedTransactionError(StoreError):
    """A unit of work tried to end the transaction it was given."""

    error_id = "store.ended_transaction"
