"""`ringside floor …`: look at a running floor and command it, over the same API as any outside program."""

import json
from http.client import HTTPException
from typing import Annotated, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import typer

from lab_server.cli.told import told
from lab_server.config import load
from lab_server.i18n import Translator, translator

app = typer.Typer(no_args_is_help=True, help="The floor while it runs: who works, who waits; and commands to it.")

TIMEOUT_S = 15.0

Token = Annotated[str, typer.Option(envvar="FLOOR_TOKEN", help="See: ringside token create. Or set FLOOR_TOKEN.")]
Url = Annotated[str, typer.Option(help="Where the lab answers; default: on this machine, as the settings say.")]


@app.command()
def state(
    token: Token, *, url: Url = "", as_json: Annotated[bool, typer.Option("--json", help="As programs get it.")] = False
) -> None:
    """Agents, queues, contacts and conferences as they are now."""
    status, answer = _asked({"do": "state"}, token, url)
    if as_json or status != 200:
        _told(status, answer)
        return
    for line in lines(answer["result"], translator(load().language)):
        typer.echo(line)


@app.command("do")
def do_command(
    command: Annotated[str, typer.Argument(metavar="JSON", help='Such as {"do": "not_ready", "reason": "lunch"}.')],
    token: Token,
    *,
    url: Url = "",
) -> None:
    """Give one command and print the answer. Which there are: docs/api.md. Exit status 1 if it was refused."""
    try:
        data = json.loads(command)
    except ValueError as wrong:
        typer.echo(f'ringside floor: this is no JSON ({wrong}): write \'{{"do": "state"}}\'', err=True)
        raise typer.Exit(2) from wrong
    _told(*_asked(data, token, url))


def lines(state: dict[str, Any], words: Translator) -> list[str]:
    """The floor as a few lines with tabs in between."""
    _ = words.gettext
    found = [_("Agents")]
    for agent in state["agents"]:
        what = f"{agent['state']} ({agent['reason']})" if agent["reason"] else agent["state"]
        found.append("\t".join(("", agent["seat"], what, words.seconds(agent["for_s"]), agent["contact"] or "")))
    found.append(_("Queues"))
    for queue in state["queues"]:
        waiting = _("{count} wait, the first for {time}").format(
            count=queue["waiting"], time=words.seconds(queue["longest_s"])
        )
        found.append(f"\t{queue['queue']}\t{waiting}")
    found.append(_("Contacts"))
    for contact in state["contacts"]:
        seats = ", ".join(leg["seat"] for leg in contact["legs"] if leg["seat"])
        found.append("\t".join(("", contact["contact"], contact["stage"], contact["number"], seats)))
    found.append(_("Messages and call-backs"))
    for box in state["mailboxes"]:
        if box["new"] or box["old"]:
            counted = _("{new} new, {old} old").format(new=box["new"], old=box["old"])
            found.append(f"\t{box['mailbox']}\t{counted}")
    found += [
        f"\t{one['queue']}\t" + _("{count} to call back").format(count=one["waiting"]) for one in state["callbacks"]
    ]
    return found


def _told(status: int, answer: dict[str, Any]) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    if status != 200:
        raise typer.Exit(1)


def _asked(command: object, token: str, url: str) -> tuple[int, dict[str, Any]]:
    with told("floor"):
        settings = load()
        where = url.rstrip("/") or f"http://127.0.0.1:{settings.web_port}"
        if not where.startswith(("http://", "https://")):
            raise OSError(f"{where!r} is no address of a lab: write http:// or https:// before it")
        request = Request(  # noqa: S310 - http or https, see above
            f"{where}/api/v1/floor",
            json.dumps(command).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, _read(answer.read())
        except HTTPError as refused:
            return refused.code, _read(refused.read())
        except (OSError, HTTPException) as away:
            raise OSError(f"nobody answers at {where} ({away}): is the lab open (ringside serve)?") from away


def _read(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    return (
        answer if isinstance(answer, dict) else {"error": "no_answer", "message": body[:200].decode(errors="replace")}
    )
