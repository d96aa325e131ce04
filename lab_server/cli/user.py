"""`ringside user …`: people who sign in, from the machine itself: the first of them, and one who is locked out."""

from typing import Annotated, get_args

import typer
from sqlmodel import Session, select

from lab_server.cli import addresses
from lab_server.cli.token import on_database
from lab_server.cli.told import told
from lab_server.config import Settings, load
from lab_server.desk import audit, links, tries
from lab_server.desk.errors import UserError
from lab_server.desk.users import ensure_user, of_login
from lab_server.i18n import translator
from lab_server.store.tables import Role, User
from telephony.clock import Clock, SystemClock

app = typer.Typer(no_args_is_help=True, help="People who sign in.")

_SOURCE = "this machine"


@app.command()
def create(
    login: Annotated[str, typer.Argument(help="What is typed to sign in: a-z, 0-9, dot, dash and underscore.")],
    *,
    name: Annotated[str, typer.Option(help="The name that is shown; default: the login.")] = "",
    role: Annotated[str, typer.Option(help="student, supervisor, instructor, grader or admin.")] = "instructor",
) -> None:
    """Make a user and print the link with which he sets his password."""
    clock = SystemClock()

    def work(session: Session, site_id: str) -> str:
        known: tuple[Role, ...] = get_args(Role)
        wanted = next((one for one in known if one == role), None)
        if wanted is None:
            raise UserError(f"there is no role {role!r}: expected one of {', '.join(known)}")
        if of_login(session, site_id, login) is not None:
            raise UserError(f"there is a user {login} already: ringside user reset {login} makes a new link")
        user = ensure_user(session, clock, site_id=site_id, login=login, name=name or login, role=wanted)
        audit.record(session, clock, site_id, "user.made", subject=user, source=_SOURCE, role=role)
        return _link(session, clock, user)

    with told("user"):
        settings = load()
        _print_link(settings, login, on_database(settings, work))


@app.command()
def reset(login: Annotated[str, typer.Argument(help="Whose password is to be set anew.")]) -> None:
    """Print a new link for a user's password, and unlock him. The present password goes on until it is used."""
    clock = SystemClock()

    def work(session: Session, site_id: str) -> str:
        user = of_login(session, site_id, login)
        if user is None:
            raise UserError(f"there is no user {login!r}: ringside user list names them")
        if user.disabled_at is not None:
            user.disabled_at = None
            session.add(user)
        tries.forgive(session, site_id, user.login)
        return _link(session, clock, user)

    with told("user"):
        settings = load()
        _print_link(settings, login, on_database(settings, work))


@app.command("list")
def list_users() -> None:
    """Who there is, but for robots."""
    with told("user"):
        settings = load()
        _ = translator(settings.language).gettext
        for user in on_database(settings, _people):
            state = _("has left") if user.disabled_at else ("" if user.password else _("no password yet"))
            typer.echo("\t".join((user.login, user.role, user.name, state)))


def first_link(settings: Settings, clock: Clock) -> str | None:
    """The address at which the first administrator sets a password; None if somebody can sign in who looks after
    users. Each start makes a new one: the one of before opens nothing any more."""

    def work(session: Session, site_id: str) -> str | None:
        able = select(User.id).where(User.site_id == site_id, User.role == "admin", User.password != "")
        admin = of_login(session, site_id, "admin")
        if session.exec(able).first() is not None or admin is None:
            return None
        return _link(session, clock, admin)

    key = on_database(settings, work)
    return _address(settings, key) if key is not None else None


def _people(session: Session, site_id: str) -> list[User]:
    asked = select(User).where(User.site_id == site_id).order_by(User.role, User.login)
    return [user for user in session.exec(asked) if not user.is_robot]


def _link(session: Session, clock: Clock, user: User) -> str:
    key = links.make(session, clock, user)
    audit.record(session, clock, user.site_id, "user.link_given", subject=user, source=_SOURCE)
    return key


def _print_link(settings: Settings, login: str, key: str) -> None:
    _ = translator(settings.language).gettext
    typer.echo(
        _("Open this to set the password of {login}. It works once, within a day:").format(login=login), err=True
    )
    typer.echo(_address(settings, key))


def _address(settings: Settings, key: str) -> str:
    return f"{addresses.pages(settings)}first?key={key}"
