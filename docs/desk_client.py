"""A desk of one's own: hear who rings, see the caller, write the call up. It needs nothing but Python.

DESK_URL is where the pages are; DESK_TOKEN a token of who sits at the phone, from the page /tokens.
"""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator

URL = os.environ.get("DESK_URL", "http://127.0.0.1:8080") + "/api/v1"
SHOWS = {"Authorization": f"Bearer {os.environ['DESK_TOKEN']}", "Content-Type": "application/json"}


def ask(method: str, path: str, body: dict | None = None) -> dict:
    """The answer. What is refused ends the program with its id and a sentence."""
    request = urllib.request.Request(URL + path, json.dumps(body).encode() if body else None, SHOWS, method=method)
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        told = json.load(refused)
        raise SystemExit(f"{path}: {told['error']}: {told['message']}") from None


def events() -> Iterator[dict]:
    """What happens on the floor from now on, as far as one may hear it."""
    with urllib.request.urlopen(urllib.request.Request(URL + "/floor/events", headers=SHOWS), timeout=60) as stream:
        yield from (json.loads(line.removeprefix(b"data: ")) for line in stream if line.startswith(b"data: "))


def write_up(contact: str) -> None:
    """Fill in the form: the one that fits best, if none is chosen yet."""
    pop = ask("GET", f"/contacts/{contact}")
    if not pop["form"]:
        pop = ask("POST", f"/contacts/{contact}/template", {"template": pop["offered_forms"][0]["key"]})
    texts = [one["key"] for one in pop["form"]["template"]["fields"] if one["kind"] == "long_text"]
    saved = ask("PUT", f"/contacts/{contact}/form", {"values": dict.fromkeys(texts, "Call again tomorrow.")})
    print("saved", saved["values"], [fault["field"] for fault in saved["faults"]], flush=True)
    ask("POST", f"/contacts/{contact}/finish")


me, rung, contact = ask("GET", "/me"), "", ""
ask("POST", "/floor", {"do": "ready"})
print(f"{me['name']} is ready at seat {me['seat']}", flush=True)
for event in events():
    what, data = event["event"], event["data"]
    if what == "pop":
        rung = contact = event["contact"]
        customer = data["customer"]
        print(data["number"], "rings:", customer["name"] if customer else "a new number", flush=True)
    elif what == "contact" and event["contact"] == rung and data["stage"] == "talking":
        rung = ""  # a call talks again after each hold
        for command in ("hold", "resume", "hang_up"):
            ask("POST", "/floor", {"do": command, "contact": contact})
    elif what == "agent" and data["seat"] == me["seat"] and data["state"] == "wrap_up":
        write_up(contact)
