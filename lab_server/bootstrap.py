"""What has to be there before any process starts: folders, tables, the site, spoken prompts, music."""

from dataclasses import dataclass

from datasets.prompts import prompt_texts
from lab_server.config import Settings
from lab_server.desk.sites import ensure_site
from lab_server.store.engine import open_engine, writing
from lab_server.store.migrate import upgrade
from telephony.clock import Clock
from telephony.speech.cache import SpeechCache
from telephony.speech.choose import SpeechSettings, choose_engine
from telephony.speech.engine import SpeechEngine
from telephony.speech.prompts import render_music, render_prompts


@dataclass(frozen=True)
class Speech:
    """The engine that speaks today, why it was chosen, and its files."""

    engine: SpeechEngine
    reason: str
    cache: SpeechCache


@dataclass(frozen=True)
class Prepared:
    """`engines` is what the journal and the report say the class ran on."""

    site_id: str
    engines: dict[str, str]


def speech(settings: Settings, clock: Clock) -> Speech:
    """Choose the engine by the settings. Raises SpeechError if the one asked for can't be had."""
    wanted = "espeak-ng" if settings.speech == "espeak" else settings.speech
    wishes = SpeechSettings(engine=wanted, allow_online=settings.allow_gtts, piper_voices=settings.piper_voices)
    choice = choose_engine(wishes, clock, settings.language)
    return Speech(choice.engine, choice.reason, SpeechCache(settings.speech_cache, choice.engine))


def prepare(settings: Settings, clock: Clock) -> Prepared:
    """Make everything that is missing; what is there is kept. Takes a few seconds the first time.

    Raises SpeechError, StoreError or OSError, each with a sentence that says what to do.
    """
    for folder in (settings.run, settings.logs, settings.recordings, settings.reports):
        folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    try:
        upgrade(engine)
        with writing(engine) as session:
            site_id = ensure_site(session, clock, settings).id
    finally:
        engine.dispose()
    spoken = speech(settings, clock)
    for language in ("zh-CN", "en"):
        texts = prompt_texts(language, settings.seat_numbers)
        render_prompts(texts, settings.prompts, spoken.engine, language)
    render_music(settings.var / "music")
    return Prepared(
        site_id, {"speech": f"{spoken.engine.name} {spoken.engine.version}", "speech_reason": spoken.reason}
    )
