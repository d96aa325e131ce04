"""Text on our pages can be read: WCAG 2.2 AA, by the ratio its definitions "contrast ratio" and "relative luminance"
give, in the light scheme, the dark one and in print."""

import re
from itertools import product
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "web/static"
TEXTS = ("ink", "quiet", "accent", "good", "warn", "bad")
GROUNDS = ("ground", "paper", "tint", "good-tint", "warn-tint", "bad-tint")
ON_COLOUR = (("on-accent", "accent"), ("on-accent", "good"))
TEXT, OUTLINE = 4.5, 3.0
SHEETS = sorted(path for path in STATIC.rglob("*.css") if "built" not in path.parts)


def luminance(colour: str) -> float:
    """Of `#rgb` or `#rrggbb`; 0 is black, 1 white."""
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * one for one in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def schemes() -> dict[str, dict[str, str]]:
    """Each scheme's colours; the later ones change some of the first."""
    style = (STATIC / "ringside.css").read_text(encoding="utf-8")
    blocks = [dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in re.findall(r":root \{(.*?)\}", style, re.S)]
    assert len(blocks) == 3
    return {name: blocks[0] | block for name, block in zip(("light", "dark", "print"), blocks, strict=True)}


def test_the_ratio_is_the_one_of_the_standard() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_every_text_can_be_read_on_every_ground(scheme: str) -> None:
    colours = schemes()[scheme]
    pairs = [*product(TEXTS, GROUNDS), *ON_COLOUR]
    faint = {pair: round(contrast(*(colours[one] for one in pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < TEXT} == {}
    edges = {ground: contrast(colours["edge"], colours[ground]) for ground in ("ground", "paper")}
    assert {ground: ratio for ground, ratio in edges.items() if ratio < OUTLINE} == {}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_no_sheet_makes_text_fainter_than_its_colour(sheet: Path) -> None:
    """Half-transparent text is for what cannot be pressed; a colour of its own is measured against its ground."""
    for selector, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet.read_text(encoding="utf-8")):
        thin = re.search(r"(?<![\w-])opacity: (?!1\b)", rule)
        assert thin is None or ":disabled" in selector, selector.strip()
        text, ground = re.search(r"(?<![\w-])color: (#\w+)", rule), re.search(r"background: (#\w+)", rule)
        if text and ground:
            assert contrast(text[1], ground[1]) >= TEXT, selector.strip()
        else:
            assert text is None, f"{selector.strip()}: a colour of its own needs its ground beside it"


def test_a_hint_in_an_empty_field_is_as_dark_as_other_hints() -> None:
    """Browsers draw it grey, and the same grey in the dark, where it can hardly be read."""
    style = (STATIC / "ringside.css").read_text(encoding="utf-8")
    assert "::placeholder { color: var(--quiet); opacity: 1; }" in style
