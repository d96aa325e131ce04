"""YAML read with the line of every node kept, and with nothing executed, expanded or guessed.

Scenario files come from teachers and from the internet, so a file is refused before it is built: too large, not UTF-8,
aliases (which can grow a page into gigabytes), nesting without end, tags, the same key twice.
"""

from pathlib import Path

import yaml

from scenarios.errors import Problem, ScenarioFileError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
LONGEST_KEY = 60
LONGEST_FIGURE = 40
_FIGURES = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
WHOLE_FILE = "(file)"

Place = tuple[str, ...]


class MarkedDocument:
    """The plain data of a file and the line, counted from 1, of each place in it."""

    def __init__(self, name: str, data: object, lines: dict[Place, int]) -> None:
        self.name = name
        self.data = data
        self._lines = lines

    def line(self, place: Place) -> int:
        """The line of that place, or of the nearest one around it that is in the file."""
        return self._lines[self.nearest(place)]

    def nearest(self, place: Place) -> Place:
        """The part of `place` that is in the file; what a validator put in between (which of two types) is left out."""
        known: Place = ()
        for part in place:
            if (*known, part) in self._lines:
                known = (*known, part)
        return known

    def problem(self, place: Place, reason: str) -> Problem:
        """Something wrong at that place."""
        return Problem(self.name, self.line(place), ".".join(map(_shown, place)) or WHOLE_FILE, reason)


def read_marked(path: Path) -> MarkedDocument:
    """The document of a file; `ScenarioFileError` says why it cannot be read."""
    name = str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _refused(name, 0, f"is larger than {MAX_BYTES // 1024} kB; a scenario is a few pages of text")
        raw = path.read_bytes()
    except OSError as error:
        raise _refused(name, 0, f"cannot be read: {error.strerror}") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _refused(name, line, "is not UTF-8 here; save the file as UTF-8") from error
    return parse_marked(text, name)


def parse_marked(text: str, name: str) -> MarkedDocument:
    """The document of a text; `name` is what problems call it."""
    try:
        _refuse_traps(text, name)
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        raise _yaml_error(name, error) from error
    if node is None:
        raise _refused(name, 0, "is empty")
    builder = _Builder(name, loader)
    data = builder.build(node, ())
    if builder.problems:
        raise ScenarioFileError(tuple(builder.problems))
    return MarkedDocument(name, data, builder.lines)


def _refuse_traps(text: str, name: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            raise _refused(name, line, "aliases (*name) are not allowed; write the text out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _refused(name, line, f"is nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Builder:
    def __init__(self, name: str, loader: yaml.SafeLoader) -> None:
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._name = name
        self._loader = loader

    def build(self, node: yaml.Node, place: Place) -> object:
        self.lines[place] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*place, str(index))) for index, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            if key in result:
                self._wrong(key_node, (*place, key), "is here a second time")
            result[key] = self.build(value_node, (*place, key))
            self.lines[(*place, key)] = key_node.start_mark.line + 1
        return result

    def _scalar(self, node: yaml.Node, place: Place) -> object:
        if node.tag in _FIGURES and len(node.value) > LONGEST_FIGURE:  # Python would take its time, and write none out
            self._wrong(node, place, f"is read as a figure of {len(node.value)} digits: write a text in quotes")
            return None
        try:
            result: object = self._loader.construct_object(node)
            return result
        except (yaml.YAMLError, ValueError) as error:
            reason = getattr(error, "problem", None) or str(error)
            self._wrong(node, place, f"cannot be read: {reason}")
            return None

    def _wrong(self, node: yaml.Node, place: Place, reason: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(self._name, line, ".".join(map(_shown, place)) or WHOLE_FILE, reason))


def _shown(part: str) -> str:
    """A key as it can be read on a line."""
    part = part if part.isprintable() else repr(part)
    return part if len(part) <= LONGEST_KEY else f"{part[:LONGEST_KEY]}…"


def _refused(name: str, line: int, reason: str) -> ScenarioFileError:
    return ScenarioFileError((Problem(name, line, WHOLE_FILE, reason),))


def _yaml_error(name: str, error: yaml.YAMLError) -> ScenarioFileError:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error).splitlines()[0]
    return _refused(name, mark.line + 1 if mark else 0, f"is not YAML: {reason}")
