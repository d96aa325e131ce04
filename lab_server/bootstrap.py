"""What has to be there before any process starts: folders, tables, the site, spoken prompts, music."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from datasets.language import LANGUAGES, Language
from datasets.prompts import TONES, prompt_texts
from datasets.sayings import common
from lab_server.config import Settings
from lab_server.desk import example
from lab_server.desk.sites import ensure_site
from lab_server.desk.users import of_login
from lab_server.floor.announcer import Announcer
from lab_server.floor_plan import floor_plan
from lab_server.store.engine import open_engine, writing
from lab_server.store.migrate import upgrade
from telephony.clock import Clock
from telephony.speech.cache import SpeechCache
from telephony.speech.choose import SpeechSettings, choose_engine
from telephony.speech.engine import SpeechEngine
from telephony.speech.espeak import ESpeak
from telephony.speech.music_files import ensure_music
from telephony.speech.prompts import PromptNameError, render_prompts, render_tones

OwnTexts = Mapping[str, Mapping[Language, str]]
"""A floor plan's own prompts: id → language → text."""

_ONLINE = "gtts"


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


def announcer(settings: Settings, clock: Clock, spoken: Speech) -> Announcer:
    """What speaks during calls, never over the network; the most common sayings are there from `prepare`."""
    ready = {language: _ready(settings, _speaking(spoken.engine, language, settings)) for language in LANGUAGES}
    made = {
        language: SpeechCache(settings.speech_cache / "made", _offline(cache.engine))
        for language, cache in ready.items()
    }
    return Announcer(made, clock, ready=ready)


def make_prompts(settings: Settings, spoken: Speech, own: OwnTexts | None = None) -> None:
    """Every prompt in both languages, the tones, and the most common sayings; only what is missing is made.

    `own`: a floor plan's texts; one with the id of ours takes its place. Raises SpeechError.
    """
    for language in LANGUAGES:
        engine = _speaking(spoken.engine, language, settings)
        texts = prompt_texts(language, settings.seat_numbers) | _own_in(language, own or {})
        render_prompts(texts, settings.prompts, engine, language)
        render_tones(settings.prompts, language)
        if spoken.engine.name != _ONLINE or language == settings.language:  # each sentence asks a service elsewhere
            ready = _ready(settings, engine)
            for saying in common(language):
                ready.wav(saying, language)


def make_own_prompts(texts: OwnTexts, settings: Settings, spoken: Speech) -> dict[Language, dict[str, Path]]:
    """Only a floor plan's own prompts: id → language → text becomes language → id → file.

    A language without a text gets the other one's. Raises SpeechError; what was made until then is kept. Texts that
    replace ours belong into `prepare(own=…)` instead: it would make ours again at each start.
    """
    return {
        language: render_prompts(
            _own_in(language, texts), settings.prompts, _speaking(spoken.engine, language, settings), language
        )
        for language in LANGUAGES
    }


def _own_in(language: Language, texts: OwnTexts) -> dict[str, str]:
    found = {}
    for prompt, spoken in texts.items():
        if prompt in TONES:
            raise PromptNameError(f"the prompt id {prompt!r} is a tone of the exchange: choose another")
        if not spoken:
            raise PromptNameError(f"the prompt {prompt!r} has no text: write it in {' or '.join(LANGUAGES)}")
        found[prompt] = spoken.get(language) or next(iter(spoken.values()))
    return found


def _ready(settings: Settings, engine: SpeechEngine) -> SpeechCache:
    return SpeechCache(settings.speech_cache / "ready", engine)


def _speaking(engine: SpeechEngine, language: Language, settings: Settings) -> SpeechEngine:
    """The engine; eSpeak NG where it lacks the language that is not the site's own, for which nothing stands in."""
    speaks = any(voice.startswith(f"{language}/") for voice in engine.voices)
    return engine if speaks or language == settings.language else ESpeak()


def _offline(engine: SpeechEngine) -> SpeechEngine:
    return ESpeak() if engine.name == _ONLINE else engine


def ensure_database(engine: Engine, clock: Clock, settings: Settings) -> str:
    """The tables and the site in them, brought up to date; returns the site's id. Raises StoreError."""
    upgrade(engine)
    with writing(engine) as session:
        return ensure_site(session, clock, settings).id


def _fill(engine: Engine, clock: Clock, site_id: str) -> None:
    """Of each kind of content the desk begins with an example; what the school made is left alone."""
    with writing(engine) as session:
        admin = of_login(session, site_id, "admin")
        if admin is not None:
            example.fill(session, clock, admin)


def prepare(settings: Settings, clock: Clock, own: OwnTexts | None = None) -> Prepared:
    """Make everything that is missing; what is there is kept. Takes a few seconds the first time.

    `own`: the texts of a floor plan, made with the others; one with the id of ours takes its place.

    Raises ConfigError (the floor plan), SpeechError, StoreError or OSError, each with a sentence that says what to do.
    """
    plan = floor_plan(settings)
    for folder in (settings.run, settings.logs, settings.recordings, settings.reports):
        folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    try:
        site_id = ensure_database(engine, clock, settings)
        _fill(engine, clock, site_id)
    finally:
        engine.dispose()
    spoken = speech(settings, clock)
    make_prompts(settings, spoken, own)
    make_own_prompts(plan.prompts, settings, spoken)
    ensure_music(settings.var / "music")
    return Prepared(
        site_id, {"speech": f"{spoken.engine.name} {spoken.engine.version}", "speech_reason": spoken.reason}
    )
