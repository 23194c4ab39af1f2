"""A YAML file, and on which line of it each key stands."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from penstock.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class Document:
    """What a configuration file says."""

    source: str
    """Its path, for messages."""
    data: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    """What is wrong with it as YAML, though it could be read."""
    root: yaml.MappingNode | None = None

    def line(self, path: Sequence[str | int]) -> int | None:
        """The line of the deepest part of `path` that the file has, from 1."""
        node: yaml.Node | None = self.root
        line: int | None = None
        for key in path:
            found = _child(node, key)
            if found is None:
                break
            mark, node = found
            line = mark.line + 1
        return line


def read(path: Path, begin: str = "") -> Document:
    """Reads a file; `begin` says how one that is empty should begin. Raises `ConfigError` where it cannot be read."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as exc:
        what = f"cannot be read: {exc.strerror}"
        raise ConfigError(str(path), [Problem("", what, "name the file with --config")]) from exc
    except UnicodeDecodeError as exc:
        line = exc.object[: exc.start].count(b"\n") + 1
        raise ConfigError(str(path), [Problem("", "is not UTF-8 text", line=line)]) from exc
    return parse(text, str(path), begin)


def parse(text: str, source: str, begin: str = "") -> Document:
    """Reads the text of a file. Raises `ConfigError` where it is not YAML."""
    try:
        node, data, problems = _load(text)
    except yaml.YAMLError as exc:
        raise ConfigError(source, [_unreadable(exc, text)]) from exc
    except RecursionError as exc:
        raise ConfigError(source, [Problem("", "is nested too deeply")]) from exc
    except ValueError as exc:  # such as a date with a thirteenth month
        raise ConfigError(
            source, [Problem("", f"cannot be read as YAML: {exc}", "put it in quotes")]
        ) from exc
    if node is None:
        raise ConfigError(source, [Problem("", "is empty", begin)])
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(source, [Problem("", "holds no keys", begin)])
    return Document(source, data, problems, node)


def _load(text: str) -> tuple[yaml.Node | None, Any, tuple[Problem, ...]]:
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, None, ()
        problems = tuple(_odd_keys(node, ()))  # before construction, which folds `<<` into its mapping
        return node, loader.construct_document(node), problems
    finally:
        loader.dispose()


def _unreadable(exc: yaml.YAMLError, text: str) -> Problem:
    if isinstance(exc, yaml.reader.ReaderError):
        line = text.count("\n", 0, exc.position) + 1
        return Problem(
            "", f"holds the character U+{ord(text[exc.position]):04X}, which YAML does not take", line=line
        )
    mark = getattr(exc, "problem_mark", None)
    reason = getattr(exc, "problem", None) or "it cannot be read"
    remedy = ""
    if "\\t" in reason:
        reason, remedy = "a tab stands where spaces belong", "indent with spaces"
    elif "mapping values are not allowed" in reason:
        remedy = 'put text that holds ": " in quotes, and look at the indentation'
    where = f" at column {mark.column + 1}" if mark else ""
    return Problem("", f"is not YAML{where}: {reason}", remedy, mark.line + 1 if mark else None)


def _odd_keys(node: yaml.Node, path: tuple[str, ...], seen: set[int] | None = None) -> Iterator[Problem]:
    """Keys that stand twice (YAML would silently take the last) or that are not text."""
    seen = set() if seen is None else seen
    if id(node) in seen:  # an alias
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _odd_keys(item, (*path, str(index)), seen)
    if not isinstance(node, yaml.MappingNode):
        return
    lines: dict[Hashable, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        here = (*path, str(key.value)) if isinstance(key, yaml.ScalarNode) else path
        if not isinstance(key, yaml.ScalarNode):
            yield Problem(".".join(here), "has a key that is not text", line=line)
        elif key.tag not in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"):
            yield Problem(
                ".".join(here), "is a key that YAML does not take for text", "put it in quotes", line
            )
        elif key.value in lines:
            yield Problem(".".join(here), f"stands twice, first on line {lines[key.value]}", line=line)
        else:
            lines[key.value] = line
        yield from _odd_keys(value, here, seen)


def _child(node: yaml.Node | None, key: str | int) -> tuple[Any, yaml.Node] | None:
    """The mark and the value of one key of a mapping, or of one item of a list."""
    if isinstance(node, yaml.SequenceNode) and str(key).isdecimal() and int(key) < len(node.value):
        item = node.value[int(key)]
        return item.start_mark, item
    if isinstance(node, yaml.MappingNode):
        for name, value in reversed(node.value):  # the last of two is the one that counts
            if isinstance(name, yaml.ScalarNode) and name.value == str(key):
                return name.start_mark, value
    return None
