"""`python -m web`: serve the pages until told to stop. Settings come from the environment and ringside.toml."""

import sys

import uvicorn

from lab_server.config import ConfigError, load
from lab_server.process import go_with_parent, set_up_log
from lab_server.store.errors import StoreError
from telephony.clock import SystemClock
from telephony.websip.message import LONGEST
from web.app import create_app
from web.errors import WebError
from web.listen import bound

GRACE_S = 2  # a page that listens to the live events never ends its request by itself


def main() -> int:
    """Returns the exit status: 2 for a setting that is wrong or an address that cannot be had."""
    set_up_log()
    try:
        settings = load()
        listener = bound(settings.web_address, settings.web_port, open_to_all=settings.web_open)
        app = create_app(settings, SystemClock())
    except (ConfigError, WebError, StoreError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    go_with_parent()
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        ws="websockets-sansio",
        ws_max_size=LONGEST,
        ws_ping_interval=10.0,
        ws_ping_timeout=10.0,
    )
    server = uvicorn.Server(config)
    with listener:
        server.run(sockets=[listener])
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
