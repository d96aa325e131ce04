"""`ringside token …`: tokens for outside programs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, TypeVar

import typer
from sqlmodel import Session, select

from lab_server.bootstrap import ensure_database
from lab_server.cli.told import told
from lab_server.config import Settings, load
from lab_server.desk import tokens
from lab_server.desk.errors import TokenError
from lab_server.i18n import translator
from lab_server.store.engine import open_engine, writing
from lab_server.store.tables import User
from telephony.clock import SystemClock

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Tokens: how an outside program shows whose rights it has.")


@app.command()
def create(
    user: Annotated[str, typer.Option(help="The login of the user whose rights the program has.")],
    *,
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days it is valid; default: until revoked.")] = None,
) -> None:
    """Make a token and print it: it is shown this once."""
    clock = SystemClock()

    def work(session: Session, site_id: str) -> tuple[str, str]:
        found = session.exec(select(User).where(User.site_id == site_id, User.login == user)).first()
        if found is None:
            raise TokenError(f"there is no user {user!r}")
        until = clock.utc() + timedelta(days=days) if days is not None else None
        token, text = tokens.create(session, clock, found, name=name, expires_at=until)
        return token.id, text

    with told("token"):
        settings = load()
        _ = translator(settings.language).gettext
        token_id, text = on_database(settings, work)
        typer.echo(
            _("The token {id} of {user}; keep it, it is not shown again:").format(id=token_id, user=user), err=True
        )
        typer.echo(text)


@app.command("list")
def list_tokens() -> None:
    """The tokens there are, without their texts."""
    clock = SystemClock()
    with told("token"):
        settings = load()
        language = translator(settings.language)
        _ = language.gettext
        found = on_database(settings, tokens.listed)
        if not found:
            typer.echo(_("There are no tokens."))
        for token, user in found:
            if token.revoked_at is not None:
                state = _("revoked")
            elif not tokens.is_valid(token, clock.utc()):
                state = _("expired")
            elif token.expires_at is not None:
                state = _("valid until {time}").format(time=language.moment(token.expires_at, settings.zone))
            else:
                state = _("valid")
            made = language.moment(token.created_at, settings.zone)
            typer.echo("\t".join((token.id, user.login, made, state, token.name)))


@app.command()
def revoke(token: Annotated[str, typer.Argument(metavar="TOKEN", help="The token's id, see list.")]) -> None:
    """Make a token worthless."""
    clock = SystemClock()
    with told("token"):
        settings = load()
        _ = translator(settings.language).gettext
        on_database(settings, lambda session, site_id: tokens.revoke(session, clock, site_id, token).id)
        typer.echo(_("The token {id} opens nothing any more.").format(id=token))


def on_database(settings: Settings, work: Callable[[Session, str], T]) -> T:
    """`work` in one transaction on the site's database, which is made if there is none yet."""
    engine = open_engine(settings.database)
    try:
        site_id = ensure_database(engine, SystemClock(), settings)
        with writing(engine) as session:
            return work(session, site_id)
    finally:
        engine.dispose()
