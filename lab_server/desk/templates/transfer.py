"""Templates as files: YAML or JSON, out and in. What comes in is anybody's text."""

import json
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from lab_server.desk.errors import TemplateError
from lab_server.desk.templates.model import Template
from lab_server.desk.typed import odd

LONGEST = 200_000


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
    """YAML, of which JSON is a part. Aliases are refused: a few of them can stand for gigabytes."""
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise TemplateError("the file has YAML aliases (*name): write the text out")
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise TemplateError(f"the file cannot be read: {' '.join(str(error).split())[:300]}") from error
