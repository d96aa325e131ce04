"""Whatever the seed: the same people again, and numbers that reach nobody."""

import random
import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from datasets.addresses import one_line
from datasets.language import Language
from datasets.numbers import BadNumberError, NumberRanges, normalise
from datasets.orders import draw_order
from datasets.people import Person, draw_person

languages = st.sampled_from(["zh-CN", "en"])
seeds = st.integers()
prefixes = st.lists(st.from_regex(r"1[0-9]{2,6}", fullmatch=True).filter(str.isascii), min_size=1, max_size=4).map(
    tuple
)


@given(seeds, languages)
def test_the_same_seed_gives_the_same_person(seed: int, language: Language) -> None:
    first, again = (draw_person(random.Random(seed), language) for _ in range(2))
    assert first == again
    assert Person.model_validate_json(first.model_dump_json()) == first
    assert first.address.text == one_line(language, first.address.elements)


@given(seeds, languages, prefixes)
def test_every_number_is_of_the_ranges(seed: int, language: Language, wanted: tuple[str, ...]) -> None:
    ranges = NumberRanges(prefixes=wanted)
    phone = draw_person(random.Random(seed), language, ranges).phone
    assert re.fullmatch(r"[0-9]{11}", phone)
    assert phone.startswith(wanted)
    for spelling in (phone, f"+86{phone}", f"0086 {phone}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"):
        assert ranges.is_virtual(spelling)


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        bare = normalise(text)
    except BadNumberError:
        assert not NumberRanges().is_virtual(text)
    else:
        assert normalise(bare) == bare


@given(seeds, languages, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_orders_lie_before_today(seed: int, language: Language, today: date) -> None:
    assert draw_order(random.Random(seed), language, today).delivered_on < today
