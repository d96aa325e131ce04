"""A form or survey as the student will see it: with its jumps, its lesson, and what would be wrong with the answers."""

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from datasets.language import Language
from lab_server.desk.templates.faults import faults
from lab_server.desk.templates.jumps import asked
from lab_server.desk.templates.model import Template
from lab_server.desk.templates.sample import sample
from web.desk.showing import fault_texts
from web.setup.words import in_words

_FIELD = "f."


def previewed(template: Template, query: Mapping[str, str], language: Language, now: datetime) -> dict[str, Any]:
    """What `setup/preview.html` shows. `query`: the answers by `f.<key>`, `lesson`, `sample`."""
    lesson = query.get("lesson", "")
    at = int(lesson) if lesson.isascii() and lesson.isdecimal() and 0 < len(lesson) < 3 else None
    seen = template.at(at) if at else template
    values = {name.removeprefix(_FIELD): value[:2000] for name, value in query.items() if name.startswith(_FIELD)}
    values = {name: value for name, value in values.items() if seen.field(name) is not None}
    if query.get("sample"):
        values = sample(seen, language, random.Random(now.toordinal()), now.date())  # noqa: S311 (an example)
    found = faults(seen, values, final=bool(query.get("final")))
    return {
        "whole": seen, "values": values, "asked": [field.key for field in asked(seen, values)],
        "faults": fault_texts(found, language), "lesson": at, "lessons": sorted({f.lesson for f in template.fields}),
        "text": lambda one: in_words(one, language), "counts": {
            number: len(template.at(number).fields) for number in sorted({f.lesson for f in template.fields})
        },
    }  # fmt: skip
