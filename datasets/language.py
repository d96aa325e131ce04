"""The two languages a class can be held in."""

from typing import Literal, get_args

Language = Literal["zh-CN", "en"]

LANGUAGES: tuple[Language, ...] = get_args(Language)


class DatasetError(Exception):
    """Base of this folder's errors; `error_id` is stable, the message says what to do."""

    error_id = "dataset"


class UnknownLanguageError(DatasetError):
    """A language nothing was collected for."""

    error_id = "unknown_language"

    def __init__(self, language: str) -> None:
        super().__init__(f"no data in the language {language!r}: use one of {', '.join(LANGUAGES)}")
        self.language = language
