"""The table of all commands, as it stands in docs/api.md: `python -m lab_server.floor.api.reference` prints it."""

import inspect
from typing import get_args

from lab_server.desk.rights import OWN_ONLY, RIGHTS, Right
from lab_server.floor.api.commands import AnyCommand
from lab_server.floor.api.hearing import EVENTS
from lab_server.floor.api.rules import RULES
from lab_server.store.tables import Role

_ROLES: tuple[Role, ...] = get_args(Role)


def commands_table() -> str:
    """Each command with its fields (those in brackets may be left out), who may give it, and what it does."""
    lines = ["| `do` | Fields | Right | Who | |", "| --- | --- | --- | --- | --- |"]
    for kind in get_args(get_args(AnyCommand)[0]):
        fields = {name: field for name, field in kind.model_fields.items() if name != "do"}
        written = [f"`{name}`" if field.is_required() else f"[`{name}`]" for name, field in fields.items()]
        right = RULES[kind].right
        word, text = kind.model_fields["do"].default, " ".join((inspect.getdoc(kind) or "").split())
        lines.append(f"| `{word}` | {', '.join(written) or '–'} | `{right}` | {who(right)} | {text} |")
    return "\n".join(lines)


def events_table() -> str:
    """Each event with who may hear it."""
    lines = ["| Event | Right | Who |", "| --- | --- | --- |"]
    lines += [f"| `{event}` | `{right}` | {who(right)} |" for event, right in EVENTS.items()]
    return "\n".join(lines)


def who(right: Right) -> str:
    """The roles that have a right; those that have it only for what is their own are marked."""
    names = [
        f"{role}{' (own)' if right in OWN_ONLY.get(role, frozenset()) else ''}"
        for role in _ROLES
        if right in RIGHTS[role]
    ]
    return "everybody" if len(names) == len(_ROLES) and "(own)" not in " ".join(names) else ", ".join(names)


if __name__ == "__main__":
    print(commands_table(), events_table(), sep="\n\n")
