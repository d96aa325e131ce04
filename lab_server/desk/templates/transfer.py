"""Templates as files: YAML or JSON, out and in. What comes in is anybody's text."""

import json
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from lab_server.desk.errors import TemplateError
from lab_server.desk.templates.model import Template
from lab_server.desk.typed import odd

LONGEST = 200_000
DEEPEST, MOST_PARTS = 12, 30_000


def exported(template: Template, form: Literal["yaml", "json"] = "yaml") -> str:
    """The template as a file's text; `imported` reads either."""
    plain = template.model_dump(mode="json", exclude_defaults=True)
    if form == "json":
        return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=120)


def imported(text: str) -> Template:
    """Raises `TemplateError` with every fault and where it is."""
    if len(text) > LONGEST:
        raise TemplateError(f"the file has {len(text)} characters: a template has at most {LONGEST}")
    if odd(text) is not None:
        raise TemplateError("the file has control characters: save it as plain text")
    return checked(_parsed(text))


def checked(plain: Any) -> Template:
    """A template of plain data, such as a page posts. Raises `TemplateError` with every fault and where it is."""
    try:
        return Template.model_validate(plain)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc'])) or 'template'}: {one['msg']}" for one in error.errors()[:20]]
        raise TemplateError("; ".join(faults)) from error


def _parsed(text: str) -> Any:
    """YAML, of which JSON is a part."""
    try:
        _refuse_bombs(text)
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise TemplateError(f"the file cannot be read: {' '.join(str(error).split())[:300]}") from error


def _refuse_bombs(text: str) -> None:
    """A few aliases can stand for gigabytes; brackets in brackets take the parser minutes."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        if count > MOST_PARTS:
            raise TemplateError("the file has more parts than any form: is it a template?")
        if isinstance(event, yaml.AliasEvent):
            raise TemplateError("the file has YAML aliases (*name): write the text out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise TemplateError(f"the file is more than {DEEPEST} levels deep: a template has at most six")
