"""Products, earlier orders and the hotline's texts."""

import random
from datetime import date

import pytest

from datasets.language import LANGUAGES, Language
from datasets.orders import draw_order
from datasets.products import catalogue, draw_product, money_text
from datasets.prompts import (
    AGENT_PROMPT,
    PROMPTS,
    UnknownPromptError,
    digits_spoken,
    prompt_text,
    prompt_texts,
)

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_is_sound(language: Language) -> None:
    articles = catalogue(language)
    assert len({article.sku for article in articles}) == len({article.name for article in articles}) == len(articles)
    assert all(article.price_minor > 0 and article.stock >= 0 for article in articles)
    assert {article.currency for article in articles} == {"CNY" if language == "zh-CN" else "USD"}
    assert any(article.stock == 0 for article in articles)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drawn_product_is_in_stock(language: Language) -> None:
    rng = random.Random(5)
    assert all(draw_product(rng, language).stock > 0 for _ in range(300))


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(29800, "CNY", "298元"), (6850, "CNY", "68.5元"), (6805, "CNY", "68.05元"), (5, "CNY", "0.05元"),
     (2995, "USD", "$29.95"), (3000, "USD", "$30"), (-2950, "USD", "-$29.50"), (100000, "CNY", "1000元")],
)  # fmt: skip
def test_money_is_written_as_people_write_it(minor: int, currency: str, text: str) -> None:
    assert money_text(minor, currency) == text  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_adds_up_and_lies_in_the_past(language: Language) -> None:
    rng = random.Random(11)
    for _ in range(300):
        order = draw_order(rng, language, TODAY)
        assert order.amount_minor == order.product.price_minor * order.quantity
        assert order.ordered_on < order.delivered_on < TODAY
        assert (order.variant in order.product.variants) if order.product.variants else order.variant is None
        assert len(order.order_no) == 12
        assert order.order_no.isdigit()
    assert draw_order(random.Random(1), language, TODAY) == draw_order(random.Random(1), language, TODAY)


def test_both_languages_have_the_same_prompts() -> None:
    assert {key[0] for key in PROMPTS if key[1] == "zh-CN"} == {key[0] for key in PROMPTS if key[1] == "en"}
    wanted = (
        "greeting menu wrong-key queued rate-us thanks bad-rating one-moment call-later no-such-number "
        "seat-not-available goodbye nobody-free"
    )
    assert set(wanted.split()) | {AGENT_PROMPT} <= {key[0] for key in PROMPTS}


def test_each_seat_has_its_announcement() -> None:
    chinese, english = prompt_texts("zh-CN"), prompt_texts("en", ["1003"])
    assert chinese["agent-1003"] == "幺零零三号坐席为您服务。"
    assert english["agent-1003"] == "Agent one zero zero three at your service."
    assert sum(stem.startswith("agent-") for stem in chinese) == 50
    assert AGENT_PROMPT not in chinese
    assert not any("{" in text for text in chinese.values())
    assert digits_spoken("0189", "zh-CN") == "零幺八九"


def test_an_unknown_prompt_is_named() -> None:
    assert prompt_text("goodbye", "en", 1) == prompt_text("goodbye", "en")
    for prompt, version in (("nope", None), ("goodbye", 99)):
        with pytest.raises(UnknownPromptError, match=prompt):
            prompt_text(prompt, "en", version)
