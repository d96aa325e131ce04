"""A Chinese address as typed, `浙江杭州西湖区文三路128号 翠竹苑3-2-501`, searched for the elements that were said.

Names (province to compound) are looked for whole, then without their ending; numbers by the ending that says what
they count (号, 栋, 单元, 室), and those without one (`3-2-501`) in the order in which addresses go.
"""

import re
from collections.abc import Mapping

from grading.normalise.address_parts import Judged
from grading.normalise.numerals import HAN, han_value
from grading.normalise.text import fold

_NAMES = ("province", "city", "district", "road", "compound")
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
    judged, text = _judge_names(meant, text)
    judged |= _judge_numbers(meant, text)
    if judged.get("province") is Judged.MISSING and judged.get("city") is Judged.RIGHT:
        judged["province"] = Judged.RIGHT
    return {name: judged[name] for name in meant}


def _judge_names(meant: Mapping[str, str], text: str) -> tuple[dict[str, Judged], str]:
    names = [name for name in meant if name not in _NUMBERS]
    judged: dict[str, Judged] = {}
    for core_only in (False, True):
        for name in names:
            if name in judged:
                continue
            place = _find_core(name, meant[name], text) if core_only else _find_whole(name, meant[name], text)
            if place is not None:
                judged[name] = Judged.RIGHT
                text = text[: place[0]] + _GAP + text[place[1] :]
    for name in names:
        if name not in judged:
            judged[name] = Judged.WRONG if _something_else(name, text) else Judged.MISSING
    return judged, text


def _find_whole(name: str, element: str, text: str) -> tuple[int, int] | None:
    begin = text.find(fold(element))
    while begin >= 0:
        if name != "road" or not _longer_name(text, begin, ""):
            return begin, begin + len(fold(element))
        begin = text.find(fold(element), begin + 1)
    return None


def _find_core(name: str, element: str, text: str) -> tuple[int, int] | None:
    ending = _ENDINGS.get(name, "")
    core = re.sub(rf"(?:{ending})$", "", fold(element))
    if len(core) < 2 or core == fold(element):
        return None
    begin = text.find(core)
    while begin >= 0:
        end = begin + len(core)
        if name not in ("road", "district") or not _longer_name(text, begin, text[end:]):
            return begin, end
        begin = text.find(core, begin + 1)
    return None


def _longer_name(text: str, begin: int, after: str) -> bool:
    """Whether what was found is only a part of another road's name: 文三西路, 南中山路, 文三街."""
    # a direction after a gap or a known ending belongs to the name; 市, 区, 县 end the one before
    return bool(_BEFORE_ROAD.search(text[:begin]) or _OTHER_ROAD.match(after))


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
