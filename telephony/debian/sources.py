"""Where this machine gets its packages from: the mirror named in apt's own sources, in both of their formats."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from telephony.debian.errors import NoAptError

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\"'\[\]]+")


@dataclass(frozen=True)
class Source:
    """One enabled source of binary packages. `signed_by`: a keyring file, if the source names one."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: Path | None = None


def read_sources(etc: Path) -> list[Source]:
    """All enabled sources under `etc` (`/etc/apt`), in apt's own order. A malformed entry is left out, as apt would."""
    found: list[Source] = []
    if (main := etc / "sources.list").is_file():
        found += parse_list(main.read_text(encoding="utf-8", errors="replace"))
    parts = etc / "sources.list.d"
    for file in sorted(parts.iterdir()) if parts.is_dir() else ():
        if file.suffix == ".list":
            found += parse_list(file.read_text(encoding="utf-8", errors="replace"))
        elif file.suffix == ".sources":
            found += parse_deb822(file.read_text(encoding="utf-8", errors="replace"))
    return found


def parse_list(text: str) -> list[Source]:
    """One-line format: `deb [options] uri suite component…`."""
    found = []
    for raw in text.splitlines():
        line = raw.split("#", 1)[0].strip()
        match = re.fullmatch(r"deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)", line)
        if match is None or not _URI.fullmatch(match[2]):
            continue
        options = dict(option.split("=", 1) for option in (match[1] or "").split() if "=" in option)
        found.append(Source(match[2], (match[3],), tuple(match[4].split()), _keyring(options.get("signed-by", ""))))
    return found


def parse_deb822(text: str) -> list[Source]:
    """Paragraph format (`Types:`, `URIs:`, `Suites:`…); fields may go on in indented lines, names ignore case."""
    found = []
    for fields in _paragraphs(text):
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").strip().lower() in {
            "no",
            "false",
        }:
            continue
        suites, components = tuple(fields.get("suites", "").split()), tuple(fields.get("components", "").split())
        keyring = _keyring(fields.get("signed-by", ""))
        found += [
            Source(uri, suites, components, keyring) for uri in fields.get("uris", "").split() if _URI.fullmatch(uri)
        ]
    return found


def mirror_of(sources: Sequence[Source]) -> Source:
    """The source whose address ends with `/debian`. Raises NoAptError when there is none (Ubuntu, for one)."""
    for source in sources:
        for uri in _expand(source.uri):
            if urlsplit(uri).path.rstrip("/").endswith("/debian"):
                return Source(uri.rstrip("/"), source.suites, source.components, source.signed_by)
    raise NoAptError(
        "the apt sources of this machine name no Debian mirror (an address that ends with /debian); "
        "use an offline bundle (make demo BUNDLE=file) or set RINGSIDE_ASTERISK to an Asterisk of 22.3 or newer"
    )


def _expand(uri: str) -> Iterator[str]:
    """The address itself, or those in the file that a `mirror+file:` source names."""
    if not uri.startswith("mirror+file:"):
        yield uri
        return
    try:
        text = Path(urlsplit(uri).path).read_text(encoding="utf-8")
    except OSError:
        return
    for line in text.splitlines():
        if words := line.split("#", 1)[0].split():
            yield words[0]


def _keyring(value: str) -> Path | None:
    value = value.strip()
    return Path(value) if value.startswith("/") and "\n" not in value else None


def _paragraphs(text: str) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    name = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield fields
            fields, name = {}, ""
        elif line[0] in " \t":
            if name:
                fields[name] += "\n" + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
