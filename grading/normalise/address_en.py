"""An English address as typed, `12 Garden Rd., Apt 3B, Springfield, Illinois 62704-1234`, searched for its elements."""

import re
from collections.abc import Mapping, Sequence

from grading.normalise.address_parts import Judged
from grading.normalise.numerals import english_value
from grading.normalise.text import fold, without_accents
from grading.normalise.text import words as word_list

_SHORT = {
    long: short
    for short, longs in {
        "st": "street saint str",
        "rd": "road",
        "ave": "avenue av aven",
        "blvd": "boulevard boul",
        "dr": "drive drv",
        "ln": "lane",
        "ct": "court crt",
        "pl": "place",
        "sq": "square",
        "ter": "terrace",
        "pkwy": "parkway pky",
        "hwy": "highway",
        "cir": "circle",
        "trl": "trail",
        "way": "wy",
        "cres": "crescent",
        "mt": "mount",
        "ft": "fort",
        "n": "north",
        "s": "south",
        "e": "east",
        "w": "west",
        "ne": "northeast",
        "nw": "northwest",
        "se": "southeast",
        "sw": "southwest",
    }.items()
    for long in longs.split()
}
_ROADS = frozenset(word_list("st rd ave blvd dr ln ct pl sq ter pkwy hwy cir trl way cres"))
_DIRECTIONS = frozenset(word_list("n s e w ne nw se sw"))
_UNIT_WORDS = frozenset(word_list("apt apartment unit flat suite ste room rm no number #"))
_ORDINALS = {
    word: f"{n}{ending}"
    for n, (word, ending) in enumerate(
        zip(
            word_list("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"),
            ["st", "nd", "rd", *["th"] * 9],
            strict=True,
        ),
        1,
    )
}
_STATES = dict(
    entry.replace("_", " ").split("=")
    for entry in word_list(
        "alabama=al alaska=ak arizona=az arkansas=ar california=ca colorado=co connecticut=ct delaware=de "
        "florida=fl georgia=ga hawaii=hi idaho=id illinois=il indiana=in iowa=ia kansas=ks kentucky=ky "
        "louisiana=la maine=me maryland=md massachusetts=ma michigan=mi minnesota=mn mississippi=ms "
        "missouri=mo montana=mt nebraska=ne nevada=nv new_hampshire=nh new_jersey=nj new_mexico=nm "
        "new_york=ny north_carolina=nc north_dakota=nd ohio=oh oklahoma=ok oregon=or pennsylvania=pa "
        "rhode_island=ri south_carolina=sc south_dakota=sd tennessee=tn texas=tx utah=ut vermont=vt "
        "virginia=va washington=wa west_virginia=wv wisconsin=wi wyoming=wy district_of_columbia=dc"
    )
)
_GAP = "|"


def judge_english(meant: Mapping[str, str], found: str) -> dict[str, Judged]:
    """Each element of `meant`, judged. A state that was left out is understood where city or zip are right."""
    words = _words(found)
    judged: dict[str, Judged] = {}
    for name in ("zip", "street", "city", "state", "unit", "number"):  # the surest first: each takes its words away
        if name in meant:
            judged[name], words = _JUDGES[name](meant[name], words)
    for name in meant:
        if name not in judged:
            judged[name], words = _judge_phrase(meant[name], words)
    if judged.get("state") is Judged.MISSING and Judged.RIGHT in (judged.get("city"), judged.get("zip")):
        judged["state"] = Judged.RIGHT
    return {name: judged[name] for name in meant}


def _words(text: str) -> list[str]:
    plain = without_accents(fold(text)).replace("'", "").replace("’", "")
    plain = re.sub(r"#", " # ", plain)
    words = re.findall(r"[^\W_]+(?:-\d+)?|#|,", plain)
    return [_ORDINALS.get(word, _SHORT.get(word, word)) for word in words]


def _without_commas(words: Sequence[str]) -> list[str]:
    return [word for word in words if word != ","]


def _find(phrase: Sequence[str], words: Sequence[str]) -> int:
    size = len(phrase)
    places = (i for i in range(len(words) - size + 1) if list(words[i : i + size]) == list(phrase))
    return next(places, -1) if size else -1


def _cut(words: Sequence[str], begin: int, size: int) -> list[str]:
    return [*words[:begin], _GAP, *words[begin + size :]]


def _judge_phrase(element: str, words: list[str]) -> tuple[Judged, list[str]]:
    phrase = _without_commas(_words(element))
    begin = _find(phrase, words)
    return (Judged.MISSING, words) if begin < 0 else (Judged.RIGHT, _cut(words, begin, len(phrase)))


def _judge_city(element: str, words: list[str]) -> tuple[Judged, list[str]]:
    judged, rest = _judge_phrase(element, words)
    if judged is Judged.RIGHT:
        return judged, rest
    joined = " ".join(rest)
    named = any(word.isalpha() and len(word) > 2 and word not in _UNIT_WORDS for word in rest)
    return (Judged.WRONG if named and not re.fullmatch(rf"[\s,{_GAP}]*", joined) else Judged.MISSING), rest


def _judge_street(element: str, words: list[str]) -> tuple[Judged, list[str]]:
    phrase = _without_commas(_words(element))
    begin = _find(phrase, words)
    if begin >= 0 and not _is_part(words, begin, len(phrase)):
        return Judged.RIGHT, _cut(words, begin, len(phrase))
    core = phrase[:-1] if len(phrase) > 1 and phrase[-1] in _ROADS else []
    begin = _find(core, words)
    if begin >= 0 and not _is_part(words, begin, len(core)):
        after = words[begin + len(core)] if begin + len(core) < len(words) else ","
        if after not in _ROADS:
            return Judged.RIGHT, _cut(words, begin, len(core))
    if any(word in _ROADS for word in words):
        return Judged.WRONG, words
    return Judged.MISSING, words


def _is_part(words: Sequence[str], begin: int, size: int) -> bool:
    """Whether the phrase is only a part of another street: a direction that was never said stands beside it."""
    after = words[begin + size] if begin + size < len(words) else ","
    return (begin > 0 and words[begin - 1] in _DIRECTIONS) or after in _DIRECTIONS


def _judge_state(element: str, words: list[str]) -> tuple[Judged, list[str]]:
    code = _STATES.get(fold(element), fold(element))
    names = [name.split() for name, short in _STATES.items() if short == code]
    spellings = [[code], *[[_SHORT.get(word, word) for word in name] for name in names]]
    for spelling in spellings:
        begin = _find(spelling, words)
        if begin >= 0:
            return Judged.RIGHT, _cut(words, begin, len(spelling))
    others = {short for short in _STATES.values() if short != code}
    last_words = _without_commas(words)[-3:]
    other = any(word in others for word in last_words) or any(
        _find([_SHORT.get(word, word) for word in name.split()], words) >= 0
        for name, short in _STATES.items()
        if short != code
    )
    return (Judged.WRONG if other else Judged.MISSING), words


def _judge_zip(element: str, words: list[str]) -> tuple[Judged, list[str]]:
    wanted = fold(element).split("-")[0]
    for index in range(len(words) - 1, -1, -1):
        if re.fullmatch(r"\d{5}(?:-\d{4})?", words[index]) and (index > 0 or wanted == words[index][:5]):
            right = words[index][:5] == wanted
            return (Judged.RIGHT if right else Judged.WRONG), _cut(words, index, 1)
    if words and re.fullmatch(r"\d+", words[-1]) and len(words) > 2 and words[-2] not in _UNIT_WORDS:
        return Judged.WRONG, words[:-1]
    return Judged.MISSING, words


def _judge_unit(element: str, words: list[str]) -> tuple[Judged, list[str]]:
    wanted = "".join(word for word in _without_commas(_words(element)) if word not in _UNIT_WORDS)
    for index, word in enumerate(words):
        if word in _UNIT_WORDS and index + 1 < len(words):
            end = index + 1
            while end < len(words) and words[end] in _UNIT_WORDS:
                end += 1
            said = "".join(words[end : end + 1])
            if end + 1 < len(words) and said.isdecimal() and len(words[end + 1]) == 1 and words[end + 1].isalpha():
                said, end = said + words[end + 1], end + 1
            return (Judged.RIGHT if said == wanted else Judged.WRONG), _cut(words, index, end + 1 - index)
    begin = _find([wanted], words)
    if begin > 0:  # the first word is the house's own number
        return Judged.RIGHT, _cut(words, begin, 1)
    loose = [word for word in words[1:] if re.fullmatch(r"\d+[a-z]?|[a-z]\d+", word)]
    return (Judged.WRONG if loose else Judged.MISSING), words


def _judge_number(element: str, words: list[str]) -> tuple[Judged, list[str]]:
    wanted = "".join(_without_commas(_words(element)))
    numbers = [word for word in words if re.fullmatch(r"\d+[a-z]?(?:-\d+)?", word)]
    if numbers:
        return (Judged.RIGHT if numbers == [wanted] or numbers[0] == wanted else Judged.WRONG), words
    spoken = english_value(" ".join(words[: words.index(_GAP)] if _GAP in words else words))
    if spoken:
        return (Judged.RIGHT if str(spoken) == wanted else Judged.WRONG), words
    return Judged.MISSING, words


_JUDGES = {
    "zip": _judge_zip,
    "street": _judge_street,
    "city": _judge_city,
    "state": _judge_state,
    "unit": _judge_unit,
    "number": _judge_number,
}
