"""Pages from templates, in the reader's language."""

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from datasets.language import LANGUAGES, Language
from lab_server.desk.rights import Right
from lab_server.i18n import Translator, negotiate, translator

_HTMX = Path(__file__).parent / "static" / "built" / "htmx.js"
_RIGHTS = {"seat_right": Right.SEAT_TAKE, "assign_right": Right.SEAT_ASSIGN, "manage_right": Right.CLASS_MANAGE}
_NOBODY: Mapping[str, Any] = {
    **_RIGHTS,
    "visitor": None,
    "csrf": "",
    "navigation": [],
    "here": "",
    "back": "/",
    "pc": "",
    "said": "",
}


class Pages:
    """`default`: the language of who asks for none. Times are shown in `zone`."""

    def __init__(self, default: Language, zone: tzinfo, site_name: str) -> None:
        self._default = default
        self._zone = zone
        self._site_name = site_name
        self._spoken: dict[Language, Environment] = {}

    def language(self, accept_language: str, asked: str | None) -> Language:
        """`?lang=` before the browser's wish before the site's."""
        chosen = next((language for language in LANGUAGES if language == asked), None)
        return chosen or negotiate(accept_language, self._default)

    def made(self, template: str, language: Language, part: str = "", **values: Any) -> str:
        """The whole page of a template, or its block `part` alone. `values` over those of a page without a visitor."""
        spoken = translator(language)
        everything = {
            **_NOBODY,
            "site_name": self._site_name,
            "language": language,
            "languages": LANGUAGES,
            "say": spoken,
            "zone": self._zone,
            "state_name": lambda word: _state_name(spoken, word),
            "htmx": _HTMX.is_file(),
            **values,
        }
        page = self._environment(spoken).get_template(template)
        if not part:
            return page.render(everything)
        return "".join(page.blocks[part](page.new_context(everything)))

    def _environment(self, spoken: Translator) -> Environment:
        """One a language, with its compiled templates. (An overlay would share its words with the other language's.)"""
        if spoken.language not in self._spoken:
            made = Environment(
                loader=FileSystemLoader(Path(__file__).parent / "templates"),
                autoescape=select_autoescape(),
                undefined=StrictUndefined,
                extensions=["jinja2.ext.i18n"],
                trim_blocks=True,
                lstrip_blocks=True,
            )
            made.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]
            self._spoken[spoken.language] = made
        return self._spoken[spoken.language]


def _state_name(spoken: Translator, word: str) -> str:
    """A session's state in words."""
    _ = spoken.gettext
    names = {"planned": _("Planned"), "running": _("Running"), "ended": _("Ended"), "broken": _("Broken off")}
    return names.get(word, word)
