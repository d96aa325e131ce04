"""What is spoken before any process starts, and what a floor plan adds."""

from pathlib import Path

import pytest

from datasets.language import LANGUAGES, Language
from datasets.prompts import TONES, prompt_texts
from datasets.sayings import queue_position
from lab_server.bootstrap import Speech, announcer, make_own_prompts, make_prompts
from lab_server.config import Settings
from telephony.clock import SystemClock
from telephony.speech.cache import SpeechCache
from telephony.speech.engine import NothingToSayError
from telephony.speech.espeak import ESpeak
from telephony.speech.prompts import PromptNameError


class OnlyChinese(ESpeak):
    """As a Piper with one voice."""

    name = "only-chinese"

    @property
    def voices(self) -> tuple[str, ...]:
        return tuple(voice for voice in super().voices if voice.startswith("zh-CN/"))


class Online(ESpeak):
    """Speaks over the network, which is gone once the calls run."""

    name = "gtts"

    def synthesise(self, text: str, language: Language, voice: str | None, out: Path, pace: float = 1.0) -> None:
        raise AssertionError("nothing may be asked of the network during a call")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path, seats=1)


def spoken(settings: Settings, engine: ESpeak) -> Speech:
    return Speech(engine, "for this test", SpeechCache(settings.speech_cache, engine))


async def test_everything_is_there_before_the_first_call(settings: Settings) -> None:
    """Also where the engine speaks the site's language alone."""
    voice = spoken(settings, OnlyChinese())
    make_prompts(settings, voice, {"greeting": {"zh-CN": "您好，这里是实训中心。"}})
    for language in LANGUAGES:
        made = {path.stem for path in (settings.prompts / language).glob("*.wav")}
        assert made == set(prompt_texts(language, ["1001"])) | set(TONES)
    said = announcer(settings, SystemClock(), voice)
    for language in LANGUAGES:
        path = await said.say(queue_position(3, language), language)
        assert path is not None and path.is_relative_to(settings.speech_cache / "ready")
    said.close()


async def test_during_a_call_nothing_is_asked_of_the_network(settings: Settings) -> None:
    said = announcer(settings, SystemClock(), spoken(settings, Online()))
    path = await said.say("您的余额是两元。", "zh-CN")
    said.close()
    assert path is not None and path.is_relative_to(settings.speech_cache / "made")


def test_a_floor_plans_own_prompts_are_made_in_both_languages(settings: Settings) -> None:
    made = make_own_prompts({"welcome": {"zh-CN": "欢迎"}}, settings, spoken(settings, ESpeak()))
    assert {language: list(files) for language, files in made.items()} == {"zh-CN": ["welcome"], "en": ["welcome"]}
    assert all(files["welcome"].is_file() for files in made.values())


@pytest.mark.parametrize(
    ("texts", "error"),
    [
        ({"beep": {"en": "Beep"}}, PromptNameError),
        ({"../up": {"en": "Up"}}, PromptNameError),
        ({"empty": {}}, PromptNameError),
        ({"silent": {"en": "…"}}, NothingToSayError),
    ],
)
def test_own_prompts_that_cannot_be_made_are_refused(
    settings: Settings, texts: dict[str, dict[Language, str]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        make_own_prompts(texts, settings, spoken(settings, ESpeak()))
