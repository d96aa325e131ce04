"""Pages from templates, in the reader's language."""

from datetime import tzinfo
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from datasets.language import LANGUAGES, Language
from lab_server.i18n import Translator, negotiate, translator
from lab_server.overview import SessionView


class Pages:
    """`default`: the language of who asks for none. Times are shown in `zone`."""

    def __init__(self, default: Language, zone: tzinfo, site_name: str) -> None:
        self._default = default
        self._zone = zone
        self._site_name = site_name
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def start(self, accept_language: str, asked: str | None, sessions: list[SessionView]) -> str:
        """The start page: every session with its state and report, or what to do when there is none."""
        return self._page("start.html", self.language(accept_language, asked), sessions=sessions)

    def failed(self, accept_language: str, asked: str | None, status: int) -> str:
        """The page for what is not there or cannot be shown now."""
        return self._page("failed.html", self.language(accept_language, asked), status=status)

    def language(self, accept_language: str, asked: str | None) -> Language:
        """`?lang=` before the browser's wish before the site's."""
        chosen = next((language for language in LANGUAGES if language == asked), None)
        return chosen or negotiate(accept_language, self._default)

    def _page(self, template: str, language: Language, **values: Any) -> str:
        spoken = translator(language)
        page = self._templates.overlay()
        page.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]
        return page.get_template(template).render(
            site_name=self._site_name,
            language=language,
            languages=LANGUAGES,
            say=spoken,
            zone=self._zone,
            state_name=lambda word: _state_name(spoken, word),
            **values,
        )


def _state_name(spoken: Translator, word: str) -> str:
    """A session's state in words."""
    _ = spoken.gettext
    names = {"planned": _("Planned"), "running": _("Running"), "ended": _("Ended"), "broken": _("Broken off")}
    return names.get(word, word)
