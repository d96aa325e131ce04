"""Sentences with figures, built in either language: pure functions, text in, text out. The announcer speaks them."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal

from datasets.figures import FigureError, counted, digits, number, one_or_many, telephone
from datasets.language import Language

WaitUnit = Literal["seconds", "minutes", "hours"]
OrderState = Literal["open", "confirmed", "placed", "paid", "shipped", "delivered", "returned", "cancelled"]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_UNITS: dict[WaitUnit, tuple[str, str]] = {
    "seconds": ("秒", "second"),
    "minutes": ("分钟", "minute"),
    "hours": ("个小时", "hour"),
}
_ORDER: dict[OrderState, tuple[str, str]] = {
    "open": ("正在处理", "is being processed"),
    "confirmed": ("已经确认，正在备货", "is confirmed and being prepared"),
    "placed": ("已经下单，等待发货", "has been placed and is waiting to be sent"),
    "paid": ("已经付款，等待发货", "is paid for and waiting to be sent"),
    "shipped": ("已经发货", "is on its way"),
    "delivered": ("已经签收", "has been delivered"),
    "returned": ("已经退货", "has been returned"),
    "cancelled": ("已经取消", "has been cancelled"),
}


def queue_position(place: int, language: Language) -> str:
    """`place` 1 is next. Raises `FigureError` below 1."""
    _at_least(1, place, "a place in the queue")
    if place == 1:
        return "您现在排在第一位，马上就轮到您了。" if language == "zh-CN" else "You're next in line."
    if language == "zh-CN":
        return f"您前面还有{counted(place - 1, '位')}，您现在排在第{number(place, language)}位。"
    ahead = "is one person" if place == 2 else f"are {number(place - 1, language)} people"
    return f"There {ahead} ahead of you. You're number {number(place, language)} in line."


def expected_wait(unit: WaitUnit, count: int, language: Language) -> str:
    """Already rounded as people say it; 0 of anything is less than a minute. Raises `FigureError` below 0."""
    _at_least(0, count, "a wait")
    chinese, english = _UNITS[unit]
    if not count:
        return "预计等候不到一分钟。" if language == "zh-CN" else "Your wait should be less than a minute."
    if language == "zh-CN":
        return f"预计还需要等候大约{counted(count, chinese)}。"
    return f"Your wait will be about {one_or_many(count, english)}."


def money(cents: int, language: Language, currency: Literal["CNY", "USD"] = "CNY") -> str:
    """`12050` → `一百二十元五角`, `one hundred and twenty yuan fifty`; `currency` USD: dollars and cents."""
    if cents < 0:
        return ("负" if language == "zh-CN" else "minus ") + money(-cents, language, currency)
    whole, part = divmod(cents, 100)
    if language == "zh-CN":
        return _yuan(whole, part, *(("元", "角", "分") if currency == "CNY" else ("美元", "", "美分")))
    if currency == "USD":
        said = [one_or_many(whole, "dollar")] if whole or not part else []
        return " and ".join([*said, one_or_many(part, "cent")] if part else said)
    if not whole and part:
        return f"{number(part, language)} fen"
    small = f" {'oh ' if part < 10 else ''}{number(part, language)}" if part else ""
    return f"{number(whole, language)} yuan{small}"


def _yuan(whole: int, part: int, yuan: str, jiao: str, fen: str) -> str:
    tenths, hundredths = divmod(part, 10) if jiao else (0, part)
    said = counted(whole, yuan) if whole or not part else ""
    if tenths:
        said += counted(tenths, jiao)
    if hundredths:
        said += ("零" if said and not tenths else "") + counted(hundredths, fen)
    return said


def balance(cents: int, language: Language, currency: Literal["CNY", "USD"] = "CNY") -> str:
    """What a member has; below zero, what a member owes."""
    amount = money(abs(cents), language, currency)
    if language == "zh-CN":
        return f"您已欠费{amount}。" if cents < 0 else f"您的余额是{amount}。"
    return f"You owe {amount}." if cents < 0 else f"Your balance is {amount}."


def points(count: int, language: Language) -> str:
    """A member's points. Raises `FigureError` below 0."""
    _at_least(0, count, "a count of points")
    if language == "zh-CN":
        return f"您现在有{number(count, language)}个积分。"
    return f"You have {one_or_many(count, 'point')}."


def queue_length(waiting: int, language: Language) -> str:
    """How many wait already, told to somebody who may join them. Raises `FigureError` below 0."""
    _at_least(0, waiting, "a count of callers")
    if language == "zh-CN":
        return f"现在有{counted(waiting, '位')}客户在排队。" if waiting else "现在没有人排队。"
    return (
        f"There {'is' if waiting == 1 else 'are'} {one_or_many(waiting, 'caller')} waiting."
        if waiting
        else ("Nobody is waiting.")
    )


def time_now(at: time, language: Language) -> str:
    """The site's own time."""
    said = time_of_day(at, language)
    return f"现在是{said}。" if language == "zh-CN" else f"It is {said}."


def day(on: date, language: Language) -> str:
    """`十一月二十二日`, `November twenty-second`: without the year, as people say it."""
    if language == "zh-CN":
        return f"{number(on.month, language)}月{number(on.day, language)}日"
    return f"{_MONTHS[on.month - 1]} {_ordinal(on.day)}"


def time_of_day(at: time, language: Language) -> str:
    """`下午两点零五分`, `two oh five in the afternoon`; the site's own time, which the caller of this works out."""
    hour = at.hour % 12 or 12
    if language == "en":
        return _english_time(at, hour)
    part = next(
        word for until, word in ((6, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上")) if at.hour < until
    )
    said = f"{part}{counted(at.hour if at.hour == 0 else hour, '点')}"
    if not at.minute:
        return said
    return said + ("半" if at.minute == 30 else f"{'零' if at.minute < 10 else ''}{number(at.minute, language)}分")


def _english_time(at: time, hour: int) -> str:
    if not at.minute and hour == 12:
        return "noon" if at.hour else "midnight"
    minutes = f"{'oh ' if at.minute < 10 else ''}{number(at.minute, 'en')}" if at.minute else "o'clock"
    part = "in the morning" if at.hour < 12 else "in the afternoon" if at.hour < 18 else "in the evening"
    return f"{number(hour, 'en')} {minutes} {part}"


def moment(then: datetime, now: datetime, language: Language) -> str:
    """Day and time, today and yesterday by name. Both in the site's zone."""
    clock = time_of_day(then.time(), language)
    ago = now.date() - then.date()
    named = {0: ("今天", "today"), 1: ("昨天", "yesterday")}.get(ago // timedelta(days=1))
    if language == "zh-CN":
        return f"{named[0] if named else day(then.date(), language)}{clock}"
    return f"{named[1] if named else day(then.date(), language)} at {clock}"


def new_messages(count: int, language: Language) -> str:
    """How many new messages a mailbox holds."""
    _at_least(0, count, "a count of messages")
    if language == "zh-CN":
        return f"您有{counted(count, '条')}新留言。" if count else "您没有新留言。"
    return f"You have {one_or_many(count, 'new message') if count else 'no new messages'}."


def message_header(place: int, received: datetime, now: datetime, language: Language, caller: str = "") -> str:
    """Before message number `place`: when it came, and from which number if it is one. Times in the site's zone."""
    _at_least(1, place, "a message's number")
    known = caller.removeprefix("+")
    when = moment(received, now, language)
    if language == "zh-CN":
        source = f"，来自{telephone(known, language)}" if known.isascii() and known.isdigit() else ""
        return f"第{number(place, language)}条留言，{when}收到{source}。"
    source = f", from {telephone(known, language)}" if known.isascii() and known.isdigit() else ""
    return f"Message {number(place, language)}, received {when}{source}."


def order_state(state: OrderState, language: Language, number_said: str = "") -> str:
    """Where an order stands; `number_said`: the last digits of its number, to name it."""
    chinese, english = _ORDER[state]
    if language == "zh-CN":
        return f"您的订单{f'，尾号{digits(number_said, language)}，' if number_said else ''}{chinese}。"
    named = f" ending in {digits(number_said, language)}," if number_said else ""
    return f"Your order{',' if named else ''}{named} {english}."


def slot(number_: int, language: Language) -> str:
    """Said to the agent who parks a call."""
    _at_least(0, number_, "a slot's number")
    said = digits(str(number_), language)
    return f"通话已驻留在{said}号位。" if language == "zh-CN" else f"The call is parked at {said}."


def seat(number_: str, language: Language) -> str:
    """A seat's number: `幺零零三号坐席`, `agent one zero zero three`."""
    return f"{digits(number_, language)}号坐席" if language == "zh-CN" else f"agent {digits(number_, language)}"


def last_agent(seat_number: str, language: Language) -> str:
    """The caller may choose whoever served last time."""
    who = seat(seat_number, language)
    if language == "zh-CN":
        return f"上次为您服务的{who}现在有空。请这位坐席接听请按1，其他坐席请按2。"
    return f"Last time you were served by {who}. To speak to them again, press 1. For anyone else, press 2."


def confirm_number(number_: str, language: Language) -> str:
    """A number that was keyed in, read back."""
    said = telephone(number_, language)
    return f"您输入的号码是{said}。" if language == "zh-CN" else f"You entered {said}."


def follow_me(numbers: tuple[str, ...], language: Language) -> str:
    """The numbers that will be rung, in turn."""
    if not numbers:
        raise FigureError("follow-me without a number: say the prompt follow-me-none")
    if language == "zh-CN":
        return f"分机随行已开启，依次拨打{'，再拨'.join(telephone(one, language) for one in numbers)}。"
    return f"Follow me is on. I'll try {', then '.join(telephone(one, language) for one in numbers)}."


def conference_size(people: int, language: Language) -> str:
    """How many are in the conference, the listener included."""
    _at_least(1, people, "a conference's size")
    if language == "zh-CN":
        return f"会议中现有{counted(people, '人')}。"
    return f"There {'is' if people == 1 else 'are'} {one_or_many(people, 'person', 'people')} in the conference."


def common(language: Language) -> Iterator[str]:
    """What is said most often: made with the prompts, so that it is there at once and in their voice."""
    yield from (queue_position(place, language) for place in range(1, 21))
    yield from (
        expected_wait("minutes", count, language)
        for count in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 45)
    )
    yield from (expected_wait("hours", count, language) for count in (1, 2))
    yield from (new_messages(count, language) for count in range(1, 11))
    yield from (order_state(state, language) for state in _ORDER)
    yield from (slot(number_, language) for number_ in range(701, 721))


def _ordinal(value: int) -> str:
    head, dash, last = number(value, "en").rpartition("-")
    last = _ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return f"{head}{dash}{last}"


def _at_least(least: int, value: int, what: str) -> None:
    if value < least:
        raise FigureError(f"{what} cannot be {value}: expected {least} or more")
