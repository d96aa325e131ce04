"""What the hotline says, by (id, language, version)."""

from datasets.language import Language

PromptKey = tuple[str, Language, int]
"""(id, language, version)"""

PROMPTS: dict[PromptKey, str] = {}


def prompt_text(prompt: str, language: Language, version: int | None = None) -> str:
    """The text of a prompt; without a version the newest. Raises `UnknownPromptError`."""
    raise NotImplementedError


def prompt_texts(language: Language, seats: range = range(1001, 1051)) -> dict[str, str]:
    """Every prompt of a language in its newest version: file stem → text; `agent-1003` for each seat of `seats`."""
    raise NotImplementedError
