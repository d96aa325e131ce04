"""The `ringside` command."""

import typer


def main() -> None:
    """Entry point."""
    command()()


def command() -> typer.Typer:
    """The command with its sub-commands, each in a module of its own; they are imported only here."""
    from lab_server.cli import (  # noqa: PLC0415 - importing does nothing
        demo,
        floor,
        music,
        pbx,
        plan,
        report,
        scenario,
        seat,
        serve,
        token,
        user,
    )

    app = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,  # passwords stand in them
        help="Ringside: a practice floor for call-centre classes.",
    )
    app.command()(demo.demo)
    app.command()(serve.serve)
    app.command()(report.report)
    app.command()(seat.seat)
    app.add_typer(floor.app, name="floor")
    app.add_typer(music.app, name="music")
    app.add_typer(pbx.app, name="pbx")
    app.add_typer(plan.app, name="plan")
    app.add_typer(scenario.app, name="scenario")
    app.add_typer(token.app, name="token")
    app.add_typer(user.app, name="user")
    return app
