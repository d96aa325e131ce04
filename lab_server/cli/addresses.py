"""The addresses that commands print, for a browser."""

from lab_server.config import ConfigError, Settings
from lab_server.tls.names import machine_names

LOCAL = frozenset({"127.0.0.1", "localhost", "0.0.0.0", "::", "::1"})  # noqa: S104 (compared, not bound)
"""Addresses of the pages at which this machine finds them under its own name."""


def pages(settings: Settings) -> str:
    """Where the pages are: over https if they are served so, and by a name other machines know, if they may come."""
    if not settings.https_served:
        return plain(settings)
    return f"https://{_host(settings)}:{settings.https_port}/"


def plain(settings: Settings) -> str:
    """The same without encryption: where https is served, other machines get no more there than the way to it."""
    return f"http://{_host(settings)}:{settings.web_port}/"


def here(settings: Settings) -> str:
    """For a browser on this machine, whose own name needs no encryption. Raises `ConfigError` if none is served."""
    if settings.web_address not in LOCAL:
        raise ConfigError(
            f"this opens on this machine alone: web_address={settings.web_address}, expected 127.0.0.1 or 0.0.0.0"
        )
    return f"http://localhost:{settings.web_port}/"


def _host(settings: Settings) -> str:
    everywhere = settings.web_address in {"0.0.0.0", "::"}  # noqa: S104 (compared, not bound)
    name = machine_names().hosts[-1] if everywhere else settings.web_address
    return f"[{name}]" if ":" in name and not name.startswith("[") else name
