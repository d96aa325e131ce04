"""A Chinese address as typed, `浙江杭州西湖区文三路128号 翠竹苑3-2-501`, searched for the elements that were said.

Names (province to compound) are looked for whole, then without their ending; numbers by the ending that says what
they count (号, 栋, 单元, 室), and those without one (`3-2-501`) in the order in which addresses go.
"""

import re
from collections.abc import Mapping

from grading.normalise.address_parts import Judged
from grading.normalise.numerals import HAN, han_value
from grading.normalise.text import fold

_NUMBERS = ("number", "building", "unit", "room")
_ENDINGS = {
    "province": r"(?:壮族|回族|维吾尔)?自治区|特别行政区|省|市",
    "city": r"市|地区|盟|自治州",
    "district": r"新区|区|县|旗|市",
    "road": r"大街|大道|街道|路|街|巷|道|弄|胡同|里",
    "compound": r"小区|社区|花园|公寓|大厦|广场|家园|花苑|苑|园|村|府|城|庄|里",
}
_OTHER_ROAD = re.compile(r"[东西南北中上下前后新老]?(?:[一二三四五六七八九十]+)?(?:大街|大道|路|街|巷|道|胡同)")
_BEFORE_ROAD = re.compile(r"[东西南北中上下前后新老]$")
_COUNTED = r"号楼|号院|号|栋|幢|座|单元|门|层|楼|室|房|户"
_HAN_NUMBER = re.compile(rf"[{HAN}]+(?={_COUNTED}|[\s-]|$)")
_NUMBER = re.compile(rf"(?P<n>\d+[a-z]?|[a-z]\d*)(?P<counted>{_COUNTED}|#楼?)?")
_COUNTS = {
    "号": "number",
    "号院": "number",
    "号楼": "building",
    "栋": "building",
    "幢": "building",
    "座": "building",
    "楼": "building",
    "#楼": "building",
    "单元": "unit",
    "门": "unit",
    "室": "room",
    "房": "room",
    "户": "room",
}
_GAP = "\n"


def judge_chinese(meant: Mapping[str, str], found: str) -> dict[str, Judged]:
    """Each element of `meant`, judged. A province that was left out is understood where the city is right."""
    text = re.sub(r"[\s,，.。、;；:：()（）·]+", " ", fold(found).removeprefix("中国"))
    judged, text = _judge_names(meant, re.sub(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])", "", text))
    judged |= _judge_numbers(meant, text)
    if judged.get("province") is Judged.MISSING and judged.get("city") is Judged.RIGHT:
        judged["province"] = Judged.RIGHT
    return {name: judged[name] for name in meant}


def _judge_names(meant: Mapping[str, str], text: str) -> tuple[dict[str, Judged], str]:
    names = {name: fold(element) for name, element in meant.items() if name not in _NUMBERS}
    cores = {name: re.sub(rf"(?:{_ENDINGS.get(name, '$')})$", "", element) for name, element in names.items()}
    judged: dict[str, Judged] = {}
    for spellings in (names, cores):  # first all that are written whole: 吉林市 must not be taken for 吉林省
        for name, spelling in spellings.items():
            if name in judged or (spellings is cores and (len(spelling) < 2 or spelling == names[name])):
                continue
            others = tuple(core for other, core in cores.items() if other != name and core)
            begin = _find(name, spelling, text, others, whole=spellings is names)
            if begin >= 0:
                judged[name] = Judged.RIGHT
                text = text[:begin] + _GAP + text[begin + len(spelling) :]
    for name in names:
        if name not in judged:
            judged[name] = Judged.WRONG if _something_else(name, text) else Judged.MISSING
    return judged, text


def _find(name: str, spelling: str, text: str, others: tuple[str, ...], *, whole: bool) -> int:
    """Where the name stands, but not as a part of another road's: 文三西路, 南文三路, 文三街; -1 if nowhere."""
    begin = text.find(spelling)
    while begin >= 0:
        before, after = text[:begin], text[begin + len(spelling) :]
        longer_before = name == "road" and _BEFORE_ROAD.search(before) and not before.endswith(others)  # 济南|中山路
        longer_after = not whole and name in ("road", "district") and _OTHER_ROAD.match(after)
        if not longer_before and not longer_after:
            return begin
        begin = text.find(spelling, begin + 1)
    return -1


def _something_else(name: str, text: str) -> bool:
    ending = _ENDINGS.get(name)
    return ending is not None and bool(re.search(rf"[\u4e00-\u9fff]{{1,}}(?:{ending})", text))


def _judge_numbers(meant: Mapping[str, str], text: str) -> dict[str, Judged]:
    wanted = {name: _number_of(meant[name]) for name in _NUMBERS if name in meant}
    labelled, loose = _numbers_in(text)
    judged: dict[str, Judged] = {}
    for name, number in wanted.items():
        values = labelled.get(name, [])
        if values:
            judged[name] = Judged.RIGHT if set(values) == {number} else Judged.WRONG
    return judged | _in_order({name: number for name, number in wanted.items() if name not in judged}, loose)


def _in_order(wanted: Mapping[str, str], loose: list[str]) -> dict[str, Judged]:
    """Numbers without an ending, taken in the order of the elements; what fits none of them contradicts the rest."""
    if len(wanted) == len(loose):
        pairs = zip(wanted, loose, strict=True)
        return {name: Judged.RIGHT if wanted[name] == number else Judged.WRONG for name, number in pairs}
    judged: dict[str, Judged] = {}
    rest = list(loose)
    for name, number in wanted.items():
        if number in rest:
            judged[name] = Judged.RIGHT
            skipped = rest[: rest.index(number)]
            rest = rest[rest.index(number) + 1 :]
            if skipped:
                _contradict(judged, wanted, len(skipped))
    for name in wanted:
        if name not in judged:
            judged[name] = Judged.WRONG if rest else Judged.MISSING
            rest = rest[1:]
    return judged


def _contradict(judged: dict[str, Judged], wanted: Mapping[str, str], count: int) -> None:
    for name in [name for name in wanted if name not in judged][:count]:
        judged[name] = Judged.WRONG


def _number_of(element: str) -> str:
    match = _NUMBER.search(_arabic(fold(element)))
    return _plain(match["n"]) if match else fold(element)


def _numbers_in(text: str) -> tuple[dict[str, list[str]], list[str]]:
    labelled: dict[str, list[str]] = {}
    loose: list[str] = []
    for match in _NUMBER.finditer(_arabic(text)):
        counted = match["counted"] or ""
        name = _COUNTS.get(counted)
        if name == "number" and "number" in labelled:  # 128号 … 501号: the second 号 counts something else
            name = None
        if name is not None:
            labelled.setdefault(name, []).append(_plain(match["n"]))
        elif counted != "层":
            loose.append(_plain(match["n"]))
    return labelled, loose


def _arabic(text: str) -> str:
    return _HAN_NUMBER.sub(lambda match: str(han_value(match.group()) or match.group()), text)


def _plain(number: str) -> str:
    return number.lstrip("0") or number
