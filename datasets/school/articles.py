"""The articles a knowledge base begins with."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from datasets.language import LANGUAGES, Language


class Article(NamedTuple):
    """`queues` empty: fits every call. An empty line between paragraphs of `body`."""

    key: str
    language: Language
    title: str
    body: str
    queues: tuple[str, ...]
    tags: tuple[str, ...]


@cache
def articles() -> tuple[Article, ...]:
    """Twenty, each in both languages."""
    topics = yaml.safe_load((files("datasets.school") / "articles.yaml").read_text("utf-8"))
    return tuple(
        Article(
            key=f"{topic['key']}.{language[:2]}",
            language=language,
            title=topic[language]["title"],
            body=topic[language]["body"],
            queues=tuple(topic["queues"]),
            tags=tuple(map(str, topic[language]["tags"])),
        )
        for topic in topics
        for language in LANGUAGES
    )
