"""What the hotline says, by (id, language, version). Texts are changed by adding a version, never by editing one."""

from collections.abc import Iterable

from datasets import figures
from datasets.language import LANGUAGES, DatasetError, Language, UnknownLanguageError
from datasets.phrases import TOPICS

PromptKey = tuple[str, Language, int]
"""(id, language, version)"""

AGENT_PROMPT = "agent-at-your-service"
"""The one prompt with a gap, `{seat}`: it is made once for each seat, as `agent-1003`."""

TONES: dict[str, tuple[str, str]] = {
    "beep": ("（提示音）", "(a tone)"),
    "record-beep": ("（录音提示音）", "(a short tone: recording)"),
    "conference-join": ("（有人加入）", "(two rising notes)"),
    "conference-leave": ("（有人离开）", "(two falling notes)"),
}
"""Prompts that are not spoken: what stands for them in lists. `telephony.speech.tones` makes them."""

_CHINESE = {
    "greeting": "您好，欢迎致电客户服务热线。为了给您更好的服务，本次通话可能会被录音。",
    "menu": "投诉请按1，订购商品请按2，您也可以直接拨坐席的工号。",
    "wrong-key": "对不起，您的输入有误，请重新输入。",
    "queued": "现在坐席都在忙，请您稍等，我们会尽快为您接通。",
    "still-waiting": "让您久等了，请您再稍等一下，马上就会有人接听您的电话。",
    AGENT_PROMPT: "{seat}号坐席为您服务。",
    "rate-us": "请您为这次服务打分：非常满意请按5，满意请按4，一般请按3，不满意请按2，非常不满意请按1。",
    "bad-rating": "您的输入有误，请按1到5之间的数字键。",
    "thanks": "谢谢您的评价，祝您生活愉快，再见。",
    "one-moment": "请您稍等。",
    "call-later": "对不起，现在暂时无法接听您的电话，请您稍后再拨。",
    "no-such-number": "对不起，没有这个工号，请核对后再拨。",
    "seat-not-available": "对不起，您拨的坐席现在不方便接听，我们为您转接其他坐席。",
    "nobody-free": "对不起，现在没有空闲的坐席，请您稍后再拨。",
    "goodbye": "感谢您的来电，再见。",
}

_ENGLISH = {
    "greeting": "Hello, and thank you for calling customer service. This call may be recorded.",
    "menu": "For a complaint, press 1. To place an order, press 2. Or just dial your agent's number.",
    "wrong-key": "Sorry, that's not one of the choices. Please try again.",
    "queued": "All our agents are busy right now. Please hold, and we'll be with you as soon as we can.",
    "still-waiting": "Thanks for waiting. Please stay on the line, and someone will be with you shortly.",
    AGENT_PROMPT: "Agent {seat} at your service.",
    "rate-us": "How did we do? Press 5 for excellent, 4 for good, 3 for fair, 2 for poor, or 1 for very poor.",
    "bad-rating": "Sorry, please press a number from 1 to 5.",
    "thanks": "Thanks for your rating. Have a nice day. Goodbye.",
    "one-moment": "One moment, please.",
    "call-later": "Sorry, we can't take your call right now. Please call back later.",
    "no-such-number": "Sorry, there's no agent with that number. Please check it and try again.",
    "seat-not-available": "Sorry, that agent can't take your call right now. We'll find you someone else.",
    "nobody-free": "Sorry, nobody is free to take your call. Please call back later.",
    "goodbye": "Thanks for calling. Goodbye.",
}

PROMPTS: dict[PromptKey, str] = {
    **{(prompt, "zh-CN", 1): text for prompt, text in _CHINESE.items()},
    **{(prompt, "en", 1): text for prompt, text in _ENGLISH.items()},
    **{
        (prompt, language, 1): text
        for topic in (*TOPICS, TONES)
        for prompt, texts in topic.items()
        for language, text in zip(LANGUAGES, texts, strict=True)
    },
}


class UnknownPromptError(DatasetError):
    """No prompt of that id, language and version."""

    error_id = "unknown_prompt"

    def __init__(self, prompt: str, language: str, version: int | None) -> None:
        wanted = f"{prompt!r} in {language}" + ("" if version is None else f", version {version}")
        super().__init__(f"there is no prompt {wanted}: add it to datasets/prompts.py")


def newest_version(prompt: str, language: Language) -> int:
    """Raises `UnknownPromptError`."""
    versions = [version for known, spoken, version in PROMPTS if (known, spoken) == (prompt, language)]
    if not versions:
        raise UnknownPromptError(prompt, language, None)
    return max(versions)


def prompt_text(prompt: str, language: Language, version: int | None = None, *, seat: str | None = None) -> str:
    """The text of a prompt; without a version the newest. `seat` fills the gap of `agent-at-your-service`.

    Raises `UnknownPromptError`.
    """
    chosen = newest_version(prompt, language) if version is None else version
    text = PROMPTS.get((prompt, language, chosen))
    if text is None:
        raise UnknownPromptError(prompt, language, version)
    return text if seat is None else text.format(seat=digits_spoken(seat, language))


def digits_spoken(digits: str, language: Language) -> str:
    """Digit by digit as on the phone: `1003` → `幺零零三`, `one zero zero three`."""
    return figures.digits(digits, language)


def prompt_texts(language: Language, seats: Iterable[int | str] = range(1001, 1051)) -> dict[str, str]:
    """Every spoken prompt of a language in its newest version: file stem → text; `agent-1003` for each seat."""
    if language not in LANGUAGES:
        raise UnknownLanguageError(language)
    unspoken = {AGENT_PROMPT, *TONES}
    ids = dict.fromkeys(prompt for prompt, spoken, _ in PROMPTS if spoken == language and prompt not in unspoken)
    texts = {prompt: prompt_text(prompt, language) for prompt in ids}
    agents = {f"agent-{seat}": prompt_text(AGENT_PROMPT, language, seat=str(seat)) for seat in seats}
    return texts | agents
