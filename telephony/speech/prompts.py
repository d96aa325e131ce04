"""Renders prompts, spoken ones and tones, into files the switch plays."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock

from telephony.speech.cache import file_digest, line_key
from telephony.speech.engine import Language, SpeechEngine, SpeechError, default_voice
from telephony.speech.tones import TONES
from telephony.speech.wavfile import holds, write_wav

_STEM = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")

Manifest = dict[str, dict[str, str]]
"""File stem → `key` (what it was made from) and `sha256` (of the file)."""


class PromptNameError(SpeechError):
    """An id that cannot be a file's name."""

    error_id = "prompt_name"


def render_prompts(
    texts: Mapping[str, str], folder: Path, engine: SpeechEngine, language: Language, voice: str | None = None
) -> dict[str, Path]:
    """Each text as `<folder>/<language>/<id>.wav`, id → absolute path.

    `manifest.json` beside them says what each was made from: only what changed, is damaged or missing is made again.
    Several processes may do it at once. Raises `PromptNameError` before anything is made, or another `SpeechError`;
    what was finished until then is kept.
    """
    for stem in texts:
        if not _STEM.fullmatch(stem):
            raise PromptNameError(f"the prompt id {stem!r} must be small letters, digits and hyphens: rename it")
    home = folder.absolute() / language
    home.mkdir(parents=True, exist_ok=True)
    chosen = voice or default_voice(engine, language)
    with FileLock(home / ".lock"):
        manifest = _read_manifest(home)
        try:
            for stem, text in texts.items():
                path, key = home / f"{stem}.wav", line_key(engine, chosen, language, text)
                if not _is_current(path, key, manifest):
                    manifest.pop(stem, None)
                    engine.synthesise(text, language, chosen, path)
                    manifest[stem] = {"key": key, "sha256": file_digest(path)}
        finally:
            _write_manifest(home, manifest)
    return {stem: home / f"{stem}.wav" for stem in texts}


def _is_current(path: Path, key: str, manifest: Manifest) -> bool:
    made = manifest.get(path.stem, {})
    return made.get("key") == key and path.is_file() and made.get("sha256") == file_digest(path)


def _read_manifest(home: Path) -> Manifest:
    """An unreadable one counts as none: everything is made again, which loses nothing."""
    try:
        found = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(stem): entry for stem, entry in found.items() if isinstance(entry, dict)}


def _write_manifest(home: Path, manifest: Manifest) -> None:
    aside = home / f".manifest.{os.getpid()}.part"
    aside.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    aside.replace(home / "manifest.json")


def render_tones(folder: Path, language: Language) -> dict[str, Path]:
    """Each tone as `<folder>/<language>/<id>.wav`; what is there and whole is kept."""
    home = folder.absolute() / language
    home.mkdir(parents=True, exist_ok=True)
    for stem, sound in TONES.items():
        path, samples = home / f"{stem}.wav", sound()
        if not holds(path, samples):
            write_wav(path, samples)
    return {stem: home / f"{stem}.wav" for stem in TONES}
