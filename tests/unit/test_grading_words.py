import pytest

from grading.normalise import choices, points, text
from scenarios.facts import Choice, points_value

FRIDGE = points_value([["不制冷", "不冷"], ["噪音大", "声音很响"]])
BROKEN = points_value([["坏了", "损坏"]])
COOKER = points_value([["not cooling", "does not get cold", "warm inside"], ["noisy", "loud noise"]])
TORN = points_value([["broken"], ["refund"]])


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        (FRIDGE, "不制冷，噪音大"),
        (FRIDGE, "冰箱不制冷，而且噪音很大"),
        (FRIDGE, "客户反映冰箱一点也不冷；声音特别响。".replace("声音特别响", "声音很响")),
        (FRIDGE, "噪音真的太大了,用了两天就不制冷了"),
        (FRIDGE, "不但噪音大，还不制冷"),
        (FRIDGE, "噪音大 不制冷"),
        (FRIDGE, "冰箱（不制冷）/噪音大"),
        (BROKEN, "收到就坏了"),
        (BROKEN, "没用几天就坏了"),
        (BROKEN, "外壳损坏"),
        (BROKEN, "屏幕没有亮，坏了"),
        (COOKER, "Not cooling. Very noisy!"),
        (COOKER, "the fridge isn't cooling and it is noisy"),
        (COOKER, "Fridge doesn't cool; makes a loud noise"),
        (COOKER, "customer says it does not get cold, noise is loud"),
        (COOKER, "It's warm inside and too noisy"),
        (COOKER, "NOISY, not coolling"),
        (TORN, "arrived broken, wants a refund"),
        (TORN, "Broken on arrival. Refund requested."),
        (TORN, "not only broken but wants refund".replace("not only broken but", "broken, and he")),
    ],
)
def test_all_points_in_whatever_words(expected: str, written: str) -> None:
    match = points.compare(expected, written)
    assert match.right, match


@pytest.mark.parametrize(
    ("expected", "written", "share", "reason"),
    [
        (FRIDGE, "不制冷", 0.5, "points_missing"),
        (FRIDGE, "噪音大", 0.5, "points_missing"),
        (FRIDGE, "要求退货", 0, "points_missing"),
        (FRIDGE, "制冷正常，噪音大", 0.5, "points_missing"),
        (FRIDGE, "不制冷，没有噪音大的问题", 0.5, "points_denied"),
        (BROKEN, "没有坏了", 0, "points_denied"),
        (BROKEN, "没有损坏", 0, "points_denied"),
        (BROKEN, "没发生损坏", 0, "points_denied"),
        (BROKEN, "并未损坏", 0, "points_denied"),
        (BROKEN, "一切正常", 0, "points_missing"),
        (COOKER, "it is cooling, but noisy", 0.5, "points_denied"),
        (COOKER, "not cooling and not noisy", 0.5, "points_denied"),
        (COOKER, "fridge", 0, "points_missing"),
        (TORN, "not broken, wants a refund", 0.5, "points_denied"),
        (TORN, "broken, no refund", 0.5, "points_denied"),
        (TORN, "🤷", 0, "points_missing"),
    ],
)
def test_points_missing_or_turned_round(expected: str, written: str, share: float, reason: str) -> None:
    match = points.compare(expected, written)
    assert (match.share, match.reason) == (share, reason)


KINDS = (
    Choice(code="quality", title={"zh-CN": "质量问题", "en": "Quality"}),
    Choice(code="late", title={"zh-CN": "送货迟", "en": "Late delivery"}),
)
YES_NO = (
    Choice(code="yes", title={"zh-CN": "会", "en": "Yes"}),
    Choice(code="no", title={"zh-CN": "不会", "en": "No"}),
)


@pytest.mark.parametrize(
    "written", ["late", "LATE", "送货迟", " 送货迟。", "Late delivery", "late  delivery", "Ｌａｔｅ"]
)
def test_a_choice_by_code_or_by_name(written: str) -> None:
    assert choices.compare("late", written, KINDS).right


@pytest.mark.parametrize("written", ["是", "Yes", "y", "会", "true", "对"])
def test_yes(written: str) -> None:
    assert choices.compare("yes", written, YES_NO).right
    assert choices.compare("no", written, YES_NO).reason == "different"


@pytest.mark.parametrize(
    ("written", "reason"), [("质量问题", "different"), ("早", "unreadable"), ("late/quality", "unreadable")]
)
def test_another_choice(written: str, reason: str) -> None:
    assert choices.compare("late", written, KINDS).reason == reason


@pytest.mark.parametrize("written", ["DS-2041 A", "ds2041a", "ＤＳ－２０４１Ａ", "ds 2041 a", "DS–2041a\u200b"])
def test_text_is_the_same_letters_and_digits(written: str) -> None:
    assert text.compare("DS-2041A", written).right


def test_other_text() -> None:
    assert not text.compare("DS-2041A", "DS-2041B").right


def test_of_a_number_only_the_digits_count() -> None:
    assert text.compare("0412", "尾号 0412。").right
    assert not text.compare("0412", "412").right


SCALE = tuple(Choice(code=code, title={"zh-CN": title, "en": ""}) for code, title in (("2", "不满意"), ("4", "满意")))


@pytest.mark.parametrize("written", ["4", "4分", "四分", "四", "满意", "4 points", "four"])
def test_a_scale_by_its_number(written: str) -> None:
    assert choices.compare("4", written, SCALE).right


@pytest.mark.parametrize(("written", "reason"), [("不满意", "different"), ("2-4", "unreadable"), ("3", "unreadable")])
def test_another_place_on_the_scale(written: str, reason: str) -> None:
    assert choices.compare("4", written, SCALE).reason == reason
