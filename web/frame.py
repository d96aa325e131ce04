"""What every page is set in: layout, navigation, the reader's language. One call makes a page or a part of one."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.requests import HTTPConnection

from datasets.language import LANGUAGES, Language
from lab_server.i18n import Translator, translator
from web.access import Access, Visitor
from web.navigation import entries
from web.pages import Pages
from web.paths import local


class Frame:
    """`pages` holds the templates."""

    def __init__(self, pages: Pages, access: Access) -> None:
        self._pages = pages
        self._access = access

    def language(self, connection: HTTPConnection, visitor: Visitor | None) -> Language:
        """`?lang=` before the user's own choice, the browser's cookie, the browser's wish, the site's language."""
        wishes = [visitor.user.language if visitor is not None else "", self._access.cookies.language(connection)]
        asked = [connection.query_params.get("lang"), *wishes]
        chosen = next((language for wish in asked for language in LANGUAGES if language == wish), None)
        return chosen or self._pages.language(connection.headers.get("accept-language", ""), None)

    def say(self, request: Request, visitor: Visitor | None) -> Translator:
        """The reader's language."""
        return translator(self.language(request, visitor))

    def page(
        self,
        request: Request,
        template: str,
        visitor: Visitor | None = None,
        *,
        status: int = 200,
        part: str = "",
        **values: Any,
    ) -> HTMLResponse:
        """The page of that template; to htmx (`HX-Request`), the template's block `part` alone, if one is named."""
        language = self.language(request, visitor)
        values |= {
            "visitor": visitor,
            "csrf": visitor.csrf if visitor is not None else "",
            "navigation": entries(translator(language).gettext, visitor) if visitor is not None else [],
            "here": request.url.path,
            "back": local(request.url.path + (f"?{request.url.query}" if request.url.query else "")),
            "pc": self._access.cookies.seat(request),
            "role_name": lambda role: _role_name(translator(language), role),
        }
        wanted = part if request.headers.get("hx-request") == "true" else ""
        answer = HTMLResponse(self._pages.made(template, language, wanted, **values), status)
        answer.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
        return answer


def _role_name(say: Translator, role: str) -> str:
    _ = say.gettext
    names = {
        "student": _("Student"), "supervisor": _("Supervisor"), "instructor": _("Instructor"), "grader": _("Grader"),
        "admin": _("Administrator"),
    }  # fmt: skip
    return names.get(role, role)
