"""What a line says, before any sound is made."""

import pytest

from telephony.speech.engine import Language, NothingToSayError, TextTooLongError
from telephony.speech.numerals import cardinal
from telephony.speech.reading import LIMIT, read_aloud


def said(text: str, language: Language) -> str:
    return "|".join(part.text for part in read_aloud(text, language))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (110, "一百一十"),
        (205, "二百零五"),
        (1003, "一千零三"),
        (2500, "两千五百"),
        (10001, "一万零一"),
        (12000, "一万两千"),
        (100010000, "一亿零一万"),
        (1000100, "一百万零一百"),
        (-5, "负五"),
    ],
)
def test_mandarin_numbers(value: int, words: str) -> None:
    assert cardinal(value) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我的电话是16300221234。", "我的电话是幺六三，零零二二，幺二三四。"),
        ("手机号+86 163-0022-1234", "手机号幺六三，零零二二，幺二三四"),
        ("1003号坐席为您服务", "幺零零三号坐席为您服务"),
        ("128号3号楼2单元501室", "一百二十八号三号楼二单元五零幺室"),
        ("订单号261113960437", "订单号二六幺幺，幺三九六，零四三七"),
        ("花了298.5元", "花了二百九十八点五元"),
        ("￥６８．５０", "六十八点五元"),
        ("一共1,298元", "一共一千二百九十八元"),
        ("请按1，2，3", "请按一, 二, 三"),
        ("2024年3月5日", "二零二四年三月五日"),
        ("2024-11-05下午14:30", "二零二四年十一月五日下午十四点三十分"),
        ("买了2件", "买了两件"),
        ("打8折，15%", "打八折, 百分之十五"),
        ("100000000元", "一亿元"),
        ("区号0755-12345678", "区号零七五五，幺二三四五六七八"),
        ("-5°C", "负五摄氏度"),
        ("3-5天", "三到五天"),
    ],
)
def test_mandarin_is_read_as_people_say_it(text: str, words: str) -> None:
    assert said(text, "zh-CN") == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("My number is 16300221234.", "My number is 1 6 3, 0 0 2 2, 1 2 3 4."),
        ("Agent 1003 at your service.", "Agent 1 0 0 3 at your service."),
        ("I paid $29.95", "I paid 29 dollars and 95 cents"),
        ("It was $1.01", "It was 1 dollar and 1 cent"),
        ("on 3/5/2024 at 2:05 pm", "on March 5, 2024 at 2 oh 5 pm"),
        ("zip 70808", "zip 7 0 8 0 8"),
        ("order 261113960437", "order 2 6 1 1, 1 3 9 6, 0 4 3 7"),
        ("10% off, 3-5 days", "10 percent off, 3 to 5 days"),
        ("for 1,298 people", "for 1298 people"),
        ("Mr. Smith & Ms. Doe", "Mister Smith and Miss Doe"),
    ],
)
def test_english_is_read_as_people_say_it(text: str, words: str) -> None:
    assert said(text, "en") == words


def test_each_script_gets_its_own_voice() -> None:
    parts = read_aloud("我要iPhone 15手机", "zh-CN")
    assert [(part.language, part.text) for part in parts] == [
        ("zh-CN", "我要"),
        ("en", "iPhone"),
        ("zh-CN", "十五手机"),
    ]
    assert [part.language for part in read_aloud("Her name is 张伟, ok", "en")] == ["en", "zh-CN", "en"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<speak>你好<break time='9s'/></speak>", "你好"),
        ("一\x00二\u200b三\x1b", "一 二三"),
        ("好👍🏽的😀", "好 的"),
        ("👨\u200d👩\u200d👧 你好", "你好"),
        ("Привет 你好", "你好"),
        ("１２３", "一百二十三"),
        ("٣个", "三个"),
    ],
)
def test_what_cannot_be_said_is_left_out(text: str, words: str) -> None:
    assert said(text, "zh-CN") == words


def test_phoneme_input_cannot_be_switched_on() -> None:
    assert "[" not in said("[[h@l@U]] hello", "en")


@pytest.mark.parametrize(
    "text", ["", " \n\t", "😀", "，。！？…", "...", "\x00\x01", "<speak></speak>", "\u200b\ufeff", "+-&"]
)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_nothing_to_say_is_refused(text: str, language: Language) -> None:
    with pytest.raises(NothingToSayError) as refused:
        read_aloud(text, language)
    assert refused.value.error_id == "nothing_to_say"


def test_too_long_a_line_is_refused() -> None:
    assert read_aloud("好" * LIMIT, "zh-CN")
    with pytest.raises(TextTooLongError, match="split it"):
        read_aloud("好" * (LIMIT + 1), "zh-CN")
