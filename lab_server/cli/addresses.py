"""The addresses that commands print, for a browser."""

from lab_server.config import Settings
from lab_server.tls.names import machine_names


def pages(settings: Settings) -> str:
    """Where the pages are: over https if they are served so, and by a name other machines know, if they may come."""
    if not settings.https_served:
        return plain(settings)
    return f"https://{_host(settings)}:{settings.https_port}/"


def plain(settings: Settings) -> str:
    """The same without encryption: where https is served, other machines get no more there than the way to it."""
    return f"http://{_host(settings)}:{settings.web_port}/"


def _host(settings: Settings) -> str:
    everywhere = settings.web_address in {"0.0.0.0", "::"}  # noqa: S104 (compared, not bound)
    name = machine_names().hosts[-1] if everywhere else settings.web_address
    return f"[{name}]" if ":" in name and not name.startswith("[") else name
