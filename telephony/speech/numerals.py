"""Numbers as Mandarin says them."""

_DIGITS = "零一二三四五六七八九"
_ON_THE_PHONE = "零幺二三四五六七八九"
_LARGEST = 10**12


def digit_by_digit(digits: str, group: int = 0) -> str:
    """`1003` → `幺零零三`: on the phone 1 is 幺, so that nobody hears 七. `group` puts a pause after every so many."""
    if group:
        return "，".join(digit_by_digit(digits[start : start + group]) for start in range(0, len(digits), group))
    return "".join(_ON_THE_PHONE[int(digit)] for digit in digits)


def year(digits: str) -> str:
    """`2024` → `二零二四`."""
    return "".join(_DIGITS[int(digit)] for digit in digits)


def mobile(digits: str) -> str:
    """Eleven digits in the groups everyone uses: 3, 4, 4."""
    return "，".join(digit_by_digit(part) for part in (digits[:3], digits[3:7], digits[7:]))


def cardinal(value: int) -> str:
    """`1003` → `一千零三`, `12` → `十二`, `20000` → `两万`. From 10¹² on digit by digit."""
    if value < 0:
        return "负" + cardinal(-value)
    if value >= _LARGEST:
        return digit_by_digit(str(value))
    if value == 0:
        return "零"
    said = ""
    gap = False  # a 零 is due before the next part
    for unit, size in (("亿", 10**8), ("万", 10**4), ("", 1)):
        part, value = divmod(value, size)
        if not part:
            gap = gap or bool(said)
            continue
        if said and (gap or part < 1000):
            said += "零"
        said += ("两" if part == 2 and unit else _below_ten_thousand(part)) + unit
        gap = False
    return said.removeprefix("一") if said.startswith("一十") else said


def _below_ten_thousand(value: int) -> str:
    said, gap = "", False
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, value = divmod(value, size)
        if digit:
            said += ("零" if gap else "") + ("两" if digit == 2 and unit == "千" else _DIGITS[digit]) + unit
        gap = bool(said) and not digit
    return said


def decimal(text: str) -> str:
    """`98.50` → `九十八点五零`."""
    whole, _, part = text.partition(".")
    said = cardinal(int(whole or "0"))
    return f"{said}点{year(part)}" if part else said
