"""Menus as a picture: SVG, one layered drawing a menu, one under the other.

Every text comes from a file somebody wrote: it is escaped, and control characters are left out. The picture has no
script and no link, and needs no font but the reader's.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from datasets.language import Language
from datasets.prompts import PROMPTS
from lab_server.routing import ivr_nodes as nodes
from lab_server.routing.ivr_layout import Edge, Layout, columns, lay_out
from lab_server.routing.ivr_words import deed, exit_word

WIDTH, COLUMN, GAP, MARGIN, TITLE = 220, 336, 18, 28, 44
LINE, PAD, HEAD, BADGE = 16, 9, 17, 19
_FITS = WIDTH - 2 * PAD
_LINES = 4
_FILL = {
    "play": ("#eef4ff", "#7c9cd6"), "keys": ("#fff7e0", "#d9a514"), "digits": ("#fff7e0", "#d9a514"),
    "member": ("#fdeaf3", "#c9578f"), "say": ("#e9f7f4", "#3d9c87"), "branch": ("#f3eefc", "#8c6bc8"),
    "language": ("#eef4ff", "#7c9cd6"), "note": ("#f4f4f4", "#9a9a9a"), "go": ("#e8f5e9", "#4a9a50"),
    "back": ("#ffffff", "#9a9a9a"),
}  # fmt: skip
_STYLE = (
    "text{font-family:system-ui,'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif;font-size:12.5px;"
    "fill:#222}.n{font-size:10.5px;fill:#666}.t{font-size:17px;font-weight:600}.k{font-size:11.5px;font-weight:600}"
    ".e{fill:none;stroke:#8a94a3;stroke-width:1.4}.s{stroke-dasharray:5 4}.b{fill:#fff;stroke:#c3cad4}"
)


@dataclass(frozen=True)
class Box:
    """One box: its node's name, what is written in it, all of it for who points at it, and how many lines leave it."""

    kind: str
    name: str
    lines: tuple[str, ...]
    whole: str
    exits: int = 0

    @property
    def height(self) -> float:
        written = PAD + (HEAD if self.name else 0) + LINE * len(self.lines) + PAD - 3
        return max(written, BADGE * self.exits + 6)


def draw(
    menus: Mapping[str, nodes.Menu], texts: Mapping[str, Mapping[Language, str]], languages: Sequence[Language]
) -> str:
    """The SVG of these menus; `texts` are the plan's own prompts, `languages` those the labels are in."""
    parts, top, width = [], float(MARGIN), 0.0
    for name, menu in menus.items():
        if menu.start not in menu.nodes:
            continue
        drawing = _Drawing(menu, texts, languages)
        title = " / ".join(dict.fromkeys([*(menu.title.get(language, "") for language in languages), name])).strip(" /")
        parts.append(f'<text class="t" x="{MARGIN}" y="{top + 18:.0f}">{_safe(title)}</text>')
        parts.append(f'<g transform="translate({MARGIN},{top + TITLE:.0f})">{"".join(drawing.parts())}</g>')
        top += TITLE + drawing.height + 2 * MARGIN
        width = max(width, drawing.width)
    size = f"{width + 2 * MARGIN:.0f} {top:.0f}"
    wide, high = size.split()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {size}">'
        f'<style>{_STYLE}</style><defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#8a94a3"/></marker></defs>'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


class _Drawing:
    """One menu. Ways back to an earlier node end in a small sign with its name, so that no line runs backwards."""

    def __init__(
        self, menu: nodes.Menu, texts: Mapping[str, Mapping[Language, str]], languages: Sequence[Language]
    ) -> None:
        self._languages = languages
        self._boxes = {name: _box(name, node, texts, languages) for name, node in menu.nodes.items()}
        self._labels: dict[Edge, list[str]] = {}
        self._keyed: set[Edge] = set()
        _, back = columns(menu.start, list(_edges(menu)))
        for name, node in menu.nodes.items():
            for word, following in nodes.exits(node):
                edge = (name, self._sign(name, following) if (name, following) in back else following)
                said = " ".join(dict.fromkeys(exit_word(node, word, language) for language in languages)).strip()
                self._labels.setdefault(edge, []).append(said)
                if word != "failed":
                    self._keyed.add(edge)
        edges = list(self._labels)
        column, _ = columns(menu.start, edges)
        edges = [edge for edge in edges if edge[0] in column]
        heights = {name: self._boxes[name].height for name in column}
        self._layout: Layout = lay_out(column, edges, heights, GAP)
        self._edges = edges
        self.height = self._layout.height
        self.width = max(column.values()) * COLUMN + WIDTH

    def _sign(self, source: str, target: str) -> str:
        name = f"{source} back to {target}"
        self._boxes[name] = Box("back", "", (f"↩ {target}",), target)
        return name

    def parts(self) -> Iterator[str]:
        """Lines first, boxes over them, the labels of lines on top."""
        ports = dict(self._ports())
        labels = []
        for edge in self._edges:
            path, at = self._path(edge, *ports[edge])
            silent = "" if edge in self._keyed else " s"
            yield f'<path class="e{silent}" d="{path}" marker-end="url(#a)"/>'
            labels += list(_badge(" · ".join(label for label in self._labels[edge] if label), *at))
        for name in self._layout.column:
            yield from self._drawn(name)
        yield from labels

    def _ports(self) -> Iterator[tuple[Edge, tuple[float, float]]]:
        """Where each edge leaves and arrives: spread over the box's side, in the order in which the lines go on."""
        layout = self._layout
        for name in layout.column:
            out = [edge for edge in self._edges if edge[0] == name]
            out.sort(key=lambda edge: (layout.bends[edge] or (layout.y[edge[1]],))[0])
            for place, edge in enumerate(out):
                yield edge, (self._port(name, place, len(out)), layout.y[edge[1]])

    def _port(self, name: str, place: int, count: int) -> float:
        room = max(self._boxes[name].height - 6, 0)
        return self._layout.y[name] + room * ((place + 0.5) / count - 0.5)

    def _path(self, edge: Edge, leaves: float, arrives: float) -> tuple[str, tuple[float, float]]:
        """The curve, and where its label stands."""
        layout = self._layout
        first = layout.column[edge[0]]
        x, y = first * COLUMN + WIDTH, leaves
        path = f"M{x} {y:.1f}"
        stops = [*layout.bends[edge], arrives]
        for place, stop in enumerate(stops, start=first + 1):
            begin = place * COLUMN
            half = (begin - x) / 2
            path += f"C{x + half:.1f} {y:.1f} {begin - half:.1f} {stop:.1f} {begin} {stop:.1f}"
            x, y = begin, stop
            if place - first < len(stops):
                x += WIDTH  # past the boxes of a column in a straight line
                path += f"H{x}"
        return path, (first * COLUMN + WIDTH + 6, leaves)

    def _drawn(self, name: str) -> Iterator[str]:
        box, layout = self._boxes[name], self._layout
        x, y = layout.column[name] * COLUMN, layout.y[name] - box.height / 2
        fill, edge = _FILL[box.kind]
        small = box.kind == "back"
        width = min(WIDTH, _wide(box.lines[0]) + 2 * PAD) if small else WIDTH
        round_ = box.height / 2 if box.kind in {"go", "back"} else 7
        yield f'<g><title>{_safe(box.whole)}</title><rect x="{x}" y="{y:.1f}" width="{width:.0f}" '
        yield f'height="{box.height:.0f}" rx="{round_:.0f}" fill="{fill}" stroke="{edge}"/>'
        indent = PAD + (7 if box.kind == "go" else 0)
        if box.name:
            yield f'<text class="n" x="{x + indent}" y="{y + PAD + 9:.1f}">{_safe(box.name)}</text>'
        for at, line in enumerate(box.lines):
            base = y + PAD + (HEAD if box.name else 0) + LINE * at + 10
            yield f'<text x="{x + indent}" y="{base:.1f}">{_safe(line)}</text>'
        yield "</g>"


def _edges(menu: nodes.Menu) -> Iterator[Edge]:
    for name, node in menu.nodes.items():
        yield from ((name, following) for _, following in nodes.exits(node) if following in menu.nodes)


def _box(
    name: str, node: nodes.Node, texts: Mapping[str, Mapping[Language, str]], languages: Sequence[Language]
) -> Box:
    says = list(dict.fromkeys(filter(None, (_says(node, texts, language) for language in languages))))
    cut = tuple(line for text in says for line in _wrapped(text))
    return Box(
        node.kind, f"{name} · {node.kind}", cut, "\n".join(says), len({following for _, following in nodes.exits(node)})
    )


def _says(node: nodes.Node, texts: Mapping[str, Mapping[Language, str]], language: Language) -> str:
    said = deed(node, language)
    if said:
        return said
    prompt = next((prompt for _, prompt in nodes.prompts(node)), "")
    own = texts.get(prompt, {}).get(language)
    return own if own is not None else PROMPTS.get((prompt, language, 1), prompt)


def _wide(text: str) -> float:
    """Pixels, about: a Chinese character is as wide as it is high."""
    return sum(12.5 if unicodedata.east_asian_width(letter) in "WF" else 6.7 for letter in text)


def _wrapped(text: str) -> list[str]:
    """At most four lines; Chinese may be broken anywhere, English between words."""
    lines, line = [], ""
    for word in _words(" ".join(text.split())):
        if line and _wide(line + word.rstrip()) > _FITS:
            lines.append(line.rstrip())
            line = ""
        line += word if line else word.lstrip()
    lines.append(line.rstrip())
    if len(lines) <= _LINES:
        return lines
    last = lines[_LINES - 1]
    while _wide(last + "…") > _FITS:
        last = last[:-1]
    return [*lines[: _LINES - 1], last.rstrip() + "…"]


def _words(text: str) -> Iterator[str]:
    word = ""
    for letter in text:
        wide = unicodedata.east_asian_width(letter) in "WF"
        if wide and letter not in "，。？！、：；":  # which never begin a line
            if word:
                yield word
            word = letter
            continue
        word += letter
        if letter == " " or len(word) > _FITS / 7:
            yield word
            word = ""
    if word:
        yield word


def _badge(label: str, x: float, y: float) -> Iterator[str]:
    if label:
        width = _wide(label) + 11
        yield f'<rect class="b" x="{x:.0f}" y="{y - 8.5:.1f}" width="{width:.0f}" height="17" rx="8"/>'
        yield f'<text class="k" x="{x + 5:.0f}" y="{y + 4:.1f}">{_safe(label)}</text>'


def _safe(text: str) -> str:
    """Text that stays text: no markup, nothing XML forbids or that turns the line's direction."""
    kept = (letter for letter in text if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Cn"})
    return escape("".join(kept))
