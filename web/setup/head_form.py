"""What a form is called and for: as people type it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from lab_server.desk.templates.model import Template
from scenarios.facts import Form, Localised

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Head:
    """`typed`: what stands in the boxes; `faults`: box → a word of `words.fault`."""

    typed: dict[str, str]
    title: Localised
    form: Form
    queues: tuple[str, ...]
    key: str = ""
    faults: dict[str, str] = field(default_factory=dict)


def head_of(form: Mapping[str, str]) -> Head:
    """The head that a page posts."""
    typed = {name: " ".join(form.get(name, "").split())[:400] for name in ("title_zh", "title_en", "queues", "key")}
    chosen: Form = next((one for one in get_args(Form) if one == form.get("form")), "ticket")
    titles = (("zh-CN", typed["title_zh"]), ("en", typed["title_en"]))
    faults = {}
    if not typed["title_zh"] and not typed["title_en"]:
        faults["title_zh"] = "title"
    elif max(len(text) for _, text in titles) > 200:
        faults["title_zh"] = "text"
    if typed["key"] and not _KEY.fullmatch(typed["key"]):
        faults["key"] = "key"
    queues = tuple(one for one in (part.strip()[:40] for part in re.split(r"[,，、]", typed["queues"])) if one)[:20]
    title: Localised = {name: text for name, text in titles if text}  # type: ignore[misc]
    return Head(typed | {"form": chosen}, title, chosen, queues, typed["key"], faults)


def typed_head(template: Template) -> Head:
    """What stands in the boxes of a template."""
    typed = {
        "title_zh": template.title.get("zh-CN", ""), "title_en": template.title.get("en", ""), "form": template.form,
        "queues": ", ".join(template.queues), "key": template.key,
    }  # fmt: skip
    return Head(typed, template.title, template.form, template.queues)


def key_of(head: Head, there: set[str]) -> str:
    """The key that was typed; else one made of the English title, or a number, that nothing has yet."""
    if head.key:
        return head.key
    plain = re.sub(r"[^a-z0-9]+", "_", head.typed["title_en"].casefold()).strip("_")[:30]
    base = plain if _KEY.fullmatch(plain) else head.form
    return next(key for at in range(1, 500) if (key := base if at == 1 else f"{base}_{at}") not in there)
