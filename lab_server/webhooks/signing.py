"""How a receiver knows that it is us: the header scheme of Standard Webhooks (standardwebhooks.com, version 1).

Signed is `<id>.<timestamp>.<body>` with HMAC-SHA256; the secret's text is `whsec_` and its bytes in base64.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

BEGINS = "whsec_"


def new_salt() -> str:
    """For a new secret."""
    return secrets.token_hex(32)


def secret_of(key: str, webhook_id: str, salt: str) -> str:
    """A receiver's secret: made of the site's `key`, which is in no database, so that a copy of the rows signs
    nothing."""
    made = hmac.new(key.encode(), f"webhook/{webhook_id}/{salt}".encode(), hashlib.sha256).digest()
    return BEGINS + base64.b64encode(made).decode()


def signed(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers."""
    seconds = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(BEGINS))
    digest = hmac.new(key, b".".join([message_id.encode(), seconds.encode(), body]), hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
