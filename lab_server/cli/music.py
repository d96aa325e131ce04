"""`ringside music …`: what callers hear while they wait."""

from pathlib import Path
from typing import Annotated

import typer

from lab_server.cli.told import told
from lab_server.config import load
from lab_server.i18n import translator
from telephony.speech.music_files import add_music, ensure_music, list_music

app = typer.Typer(no_args_is_help=True, help="Music on hold: list the classes, add a piece of your own.")


@app.command("list")
def list_classes() -> None:
    """Each music class, how long it plays, and its pieces."""
    with told("music", status=1):
        settings = load()
        words = translator(settings.language)
        folder = settings.var / "music"
        ensure_music(folder)
        for found in list_music(folder):
            typer.echo(f"{found.name}\t{words.seconds(found.length_s)}\t{', '.join(found.pieces) or '-'}")
            for name in found.unplayable:
                path = folder / found.name / name
                typer.echo(
                    words.gettext(
                        "%(file)s is not played: it is not 8 kHz mono. Add it with: ringside music add %(music)s FILE"
                    )
                    % {"file": path, "music": found.name},
                    err=True,
                )


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The music class: small letters, digits and hyphens; default is ours.")],
    file: Annotated[Path, typer.Argument(help="A WAV, FLAC, Ogg or MP3 file of at most 30 minutes.")],
) -> None:
    """Add a piece to a music class, made fit for the telephone (8 kHz mono, soft). A new name begins a new class."""
    with told("music", status=1):
        settings = load()
        words = translator(settings.language)
        path = add_music(settings.var / "music", name, file)
        typer.echo(words.gettext("Added to the music %(music)s: %(file)s") % {"music": name, "file": path})
        typer.echo(words.gettext("The switch plays it after its next start."))
