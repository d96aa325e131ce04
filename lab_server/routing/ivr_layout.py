"""Where boxes go in a layered drawing, left to right: few crossings, lines short, nothing on top of anything.

The order within a column is igraph's (Sugiyama's method, `layout_sugiyama`); the exact heights are found here, because
igraph takes every box to be a point: each column is moved as near to its neighbours as its boxes' sizes allow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from igraph import Graph

Edge = tuple[str, str]
_SWEEPS = 24


@dataclass(frozen=True)
class Layout:
    """`column` and `y` (the middle, in pixels) of every box; `bends`: the heights at which an edge crosses columns."""

    column: Mapping[str, int]
    y: Mapping[str, float]
    bends: Mapping[Edge, tuple[float, ...]]
    height: float


def columns(start: str, edges: Sequence[Edge]) -> tuple[dict[str, int], list[Edge]]:
    """The longest way from the start to each box, and the edges that lead back to where one has been."""
    following: dict[str, list[str]] = {}
    for source, target in edges:
        following.setdefault(source, []).append(target)
    back: list[Edge] = []
    order: list[str] = []
    state: dict[str, int] = {start: 1}
    ways = [(start, iter(following.get(start, ())))]
    while ways:
        box, rest = ways[-1]
        target = next(rest, "")
        if not target:
            state[box] = 2
            order.append(box)
            ways.pop()
        elif state.get(target) == 1:
            back.append((box, target))
        elif target not in state:
            state[target] = 1
            ways.append((target, iter(following.get(target, ()))))
    column = dict.fromkeys(reversed(order), 0)
    for box in reversed(order):
        for target in following.get(box, ()):
            if (box, target) not in back:
                column[target] = max(column[target], column[box] + 1)
    return column, back


def lay_out(column: Mapping[str, int], edges: Sequence[Edge], heights: Mapping[str, float], gap: float) -> Layout:
    """Places for boxes of these heights; every edge must lead to a later column."""
    points, chains = _with_bends(column, edges)
    size = {point: heights.get(point, 0.0) for point in points}
    links = [link for chain in chains.values() for link in pairwise(chain)]
    rows = _ordered(points, links)
    y = _in_order(_heights(rows, links, size, gap), edges)
    top = min((y[point] - size[point] / 2 for point in points), default=0.0)
    bottom = max((y[point] + size[point] / 2 for point in points), default=0.0)
    bends = {edge: tuple(y[point] - top for point in chain[1:-1]) for edge, chain in chains.items()}
    return Layout(column, {box: y[box] - top for box in column}, bends, bottom - top)


def _with_bends(column: Mapping[str, int], edges: Sequence[Edge]) -> tuple[dict[str, int], dict[Edge, list[str]]]:
    """Boxes, and a point in every column an edge passes; by edge the points it goes through."""
    points, chains = dict(column), {}
    for at, (source, target) in enumerate(edges):
        passed = {f"\0{at}:{place}": place for place in range(column[source] + 1, column[target])}
        points |= passed
        chains[source, target] = [source, *passed, target]
    return points, chains


def _ordered(points: Mapping[str, int], links: Sequence[Edge]) -> list[list[str]]:
    """The points of each column from top to bottom."""
    names = list(points)
    index = {name: at for at, name in enumerate(names)}
    graph = Graph(n=len(names), edges=[(index[source], index[target]) for source, target in links], directed=True)
    placed = graph.layout_sugiyama(layers=list(points.values()), maxiter=1000)
    rows: list[list[str]] = [[] for _ in range(max(points.values(), default=-1) + 1)]
    for name in sorted(names, key=lambda name: placed[index[name]][0]):
        rows[points[name]].append(name)
    return rows


def _heights(
    rows: Sequence[Sequence[str]], links: Sequence[Edge], size: Mapping[str, float], gap: float
) -> dict[str, float]:
    near: dict[str, list[str]] = {}
    for source, target in links:
        near.setdefault(source, []).append(target)
        near.setdefault(target, []).append(source)
    y: dict[str, float] = {}
    for row in rows:
        y |= dict(zip(row, _apart([0.0] * len(row), [size[point] for point in row], gap), strict=True))
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = [
                sum(y[other] for other in near[point]) / len(near[point]) if near.get(point) else y[point]
                for point in row
            ]
            y |= dict(zip(row, _apart(wanted, [size[point] for point in row], gap), strict=True))
    return y


def _in_order(y: dict[str, float], edges: Sequence[Edge]) -> dict[str, float]:
    """Upside down, if that brings more of each box's ways into the order in which they are written."""
    down = 0
    for (source, above), (other, below) in pairwise(edges):
        if source == other:
            down += 1 if y[above] <= y[below] else -1
    return y if down >= 0 else {point: -height for point, height in y.items()}


def _apart(wanted: Sequence[float], sizes: Sequence[float], gap: float) -> list[float]:
    """The heights nearest to the wanted ones (least squares) with the order kept and room between.

    Less the room that must lie above each, the heights must only not fall: pool adjacent violators.
    """
    room = [0.0]
    for above, below in pairwise(sizes):
        room.append(room[-1] + (above + below) / 2 + gap)
    blocks: list[tuple[float, int]] = []
    for want, above in zip(wanted, room, strict=False):
        blocks.append((want - above, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (mean, count), (other, more) = blocks.pop(), blocks.pop()
            blocks.append(((mean * count + other * more) / (count + more), count + more))
    level = [mean for mean, count in blocks for _ in range(count)]
    return [one + above for one, above in zip(level, room, strict=False)]
