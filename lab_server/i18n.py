"""What users read, in their language: gettext catalogues, read from their `.po` files without a compile step.

The message ids are English. `python -m lab_server.i18n extract` brings the catalogues up to date with the sources,
`check` fails if a Chinese translation is missing or does not fit.
"""

import gettext
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from pathlib import Path

from babel import Locale, dates, negotiate_locale, numbers
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from datasets.language import LANGUAGES, Language
from grading.reasons import REASONS

DOMAIN = "ringside"
_LOCALES: dict[Language, str] = {"zh-CN": "zh_CN", "en": "en"}
_ROOT = Path(__file__).parents[1]
_SOURCES = ("lab_server", "web")
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}")
_FIRST_WRITTEN = datetime(
    2026, 1, 1, tzinfo=UTC
)  # catalogues carry no time of their own: they are under version control


class Translator:
    """One language: its messages, and how it writes dates, times and numbers."""

    def __init__(self, language: Language, messages: gettext.NullTranslations) -> None:
        self.language = language
        self._messages = messages
        self._locale = Locale.parse(_LOCALES[language])

    def gettext(self, message: str) -> str:
        return self._messages.gettext(message)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """`one` or `many`, as `count` wants it in this language; fill `%(num)s` or what else is in it yourself."""
        return self._messages.ngettext(one, many, count)

    def date(self, day: date) -> str:
        """2026年11月22日, Nov 22, 2026."""
        return dates.format_date(day, "medium", self._locale)

    def time(self, moment: datetime, zone: tzinfo) -> str:
        """A time of day with seconds, in the site's zone."""
        return dates.format_time(moment.astimezone(zone), "HH:mm:ss", locale=self._locale)

    def moment(self, moment: datetime, zone: tzinfo) -> str:
        """Date and time to the minute, in the site's zone."""
        return f"{self.date(moment.astimezone(zone).date())} {moment.astimezone(zone):%H:%M}"

    def number(self, value: float, digits: int = 0) -> str:
        """With the language's separators and `digits` decimals."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return numbers.format_decimal(value, pattern, locale=self._locale)

    def percent(self, share: float, digits: int = 0) -> str:
        """A share of 1 as per cent."""
        return numbers.format_percent(share, "#,##0" + ("." + "0" * digits if digits else "") + "%", self._locale)

    def seconds(self, duration_s: float) -> str:
        """A duration as 1:05 or 1:01:05."""
        minutes, seconds = divmod(round(duration_s), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@cache
def translator(language: Language) -> Translator:
    """The translator of a language; its catalogue is read once."""
    file = catalogue_file(language)
    if not file.exists():
        return Translator(language, gettext.NullTranslations())
    compiled = io.BytesIO()
    write_mo(compiled, _read(file, language))
    compiled.seek(0)
    return Translator(language, gettext.GNUTranslations(compiled))


def negotiate(accept_language: str, default: Language) -> Language:
    """The language that fits a browser's `Accept-Language` best."""
    wanted = []
    for part in accept_language.split(",")[:20]:
        tag, _, quality = part.partition(";q=")
        try:
            wanted.append((-float(quality or 1), tag.strip().replace("-", "_")))
        except ValueError:
            continue
    wanted.sort(key=lambda pair: pair[0])
    # zh, zh-TW, zh-Hans all read Chinese better than English
    tags = ["zh_CN" if tag.lower().startswith("zh") else tag for _, tag in wanted]
    found = negotiate_locale(tags, list(_LOCALES.values()))
    return next((language for language, locale in _LOCALES.items() if locale == found), default)


def catalogue_file(language: Language) -> Path:
    """Where a language's catalogue is."""
    return Path(__file__).parent / "locale" / _LOCALES[language] / "LC_MESSAGES" / f"{DOMAIN}.po"


def extracted() -> Catalog:
    """Every message of the sources: Python, templates, and the reasons of grading, which translates nothing itself."""
    found = Catalog(project="Ringside", charset="utf-8", creation_date=_FIRST_WRITTEN)
    for source in _SOURCES:
        messages = extract_from_dir(
            _ROOT / source, _METHODS, _OPTIONS, keywords={"_": None, "gettext": None, "ngettext": (1, 2)}
        )
        for name, _line, message, _comments, _context in messages:
            found.add(message, locations=[(f"{source}/{name}", 1)])
    for sentence in REASONS.values():
        found.add(sentence, locations=[("grading/reasons.py", 1)])
    return found


def update() -> list[str]:
    """Bring the catalogues up to date with the sources; returns the Chinese messages that want a translation."""
    template = extracted()
    for language in LANGUAGES:
        file = catalogue_file(language)
        catalogue = _read(file, language) if file.exists() else _new(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        catalogue.creation_date = catalogue.revision_date = _FIRST_WRITTEN
        catalogue.version, catalogue.msgid_bugs_address = "1", ""
        catalogue.last_translator = catalogue.language_team = "Ringside"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as output:
            write_po(output, catalogue, width=116, include_lineno=False, sort_output=True)
    chinese = _read(catalogue_file("zh-CN"), "zh-CN")
    return [str(message.id) for message in chinese if message.id and not _translated(message)]


def check() -> list[str]:
    """What is wrong with the Chinese catalogue, a sentence each; empty if nothing is."""
    chinese = _read(catalogue_file("zh-CN"), "zh-CN")
    return [fault for message in extracted() if message.id for fault in _faults(message, chinese)]


def _faults(message: Message, catalogue: Catalog) -> Iterator[str]:
    found = catalogue.get(message.id)
    if found is None:
        yield f"{message.id!r} is not in the catalogue: run python -m lab_server.i18n extract"
    elif not _translated(found):
        yield f"{message.id!r} is not translated"
    elif found.fuzzy:
        yield f"{message.id!r} is marked fuzzy: look at it and take the mark away"
    else:
        ids, strings = _texts(found.id), _texts(found.string)
        wanted = set(_PLACEHOLDER.findall(ids[-1]))
        for text in strings:
            if set(_PLACEHOLDER.findall(text)) != wanted:
                yield f"{message.id!r} has other placeholders in {text!r}"


def _translated(message: Message) -> bool:
    return all(_texts(message.string))


def _texts(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text or ""] if text is None or isinstance(text, str) else list(text)


def _read(file: Path, language: Language) -> Catalog:
    with file.open("rb") as stream:
        return read_po(stream, locale=_LOCALES[language], domain=DOMAIN)


def _new(language: Language) -> Catalog:
    return Catalog(
        locale=_LOCALES[language],
        domain=DOMAIN,
        project="Ringside",
        charset="utf-8",
        fuzzy=False,
        header_comment="# Ringside's messages. The ids are English; see lab_server/i18n.py.",
    )


def main(arguments: list[str]) -> int:
    """`extract` or `check`; returns the exit status."""
    match arguments:
        case ["extract"]:
            untranslated = update()
            sys.stdout.writelines(f"not translated: {message}\n" for message in untranslated)
            return 0
        case ["check"]:
            faults = check()
            sys.stderr.writelines(f"{fault}\n" for fault in faults)
            return 1 if faults else 0
        case _:
            sys.stderr.write("usage: python -m lab_server.i18n extract|check\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
