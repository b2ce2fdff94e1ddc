"""A YAML file -> plain values, and the line each of them stands on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# what a plain value may be: no tag reaches code, and dates stay text
_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "str", "seq", "map")}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML of plain values; dates stay the text that was written, as a parameter's model expects."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag in _PLAIN]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Lines:
    """Line of each key and item, by its path from the top."""

    at: dict[tuple[Any, ...], int]

    def of(self, path: tuple[Any, ...]) -> int:
        """Return the line of a path, or of the nearest enclosing one that stands in the file."""
        path = tuple(path)
        while path and path not in self.at:
            path = path[:-1]
        return self.at.get(path, 1)


def scalar(text: str) -> Any:
    """Return the value of one YAML expression, such as a parameter given on the command line; else the text."""
    try:
        return _parse(text, "value")[0]
    except ValueError:
        return text


def load(path: Path) -> tuple[Any, Lines]:
    """Return a file's content and lines.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file is not YAML in UTF-8, or uses tags, anchors or one key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileNotFoundError(f"batch file {path} must exist; `ls reports/*.yaml` shows the project's") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} must be UTF-8; {error}") from None
    return _parse(text, path.name)


def _parse(text: str, name: str) -> tuple[Any, Lines]:
    """Return the content and lines of a YAML text; ``name`` is what errors call it."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise ValueError(f"{name} is empty; a batch has at least a title and a notebook")
        walk = _Walk(loader, name)
        walk.visit(node, ())
        return loader.construct_document(node), Lines(walk.at)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(f"{name}, line {line}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"{name}: not valid YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise ValueError(f"{name}: not valid YAML: it is nested too deeply") from None


class _Walk:
    """Notes the line of each key and item of a document; refuses what would make a line or a value ambiguous."""

    def __init__(self, loader: Any, name: str) -> None:
        self.at: dict[tuple[Any, ...], int] = {}
        self._loader, self._name = loader, name
        self._seen: set[int] = set()

    def visit(self, node: yaml.Node, path: tuple[Any, ...]) -> None:
        self.at.setdefault(path, node.start_mark.line + 1)
        # an anchor used twice gives one node two places, and nested ones grow without bound
        if id(node) in self._seen:
            raise self._refusal(node, "anchors and aliases are not supported; write the value out")
        self._seen.add(id(node))
        if node.tag not in _PLAIN:
            raise self._refusal(node, f"tags such as {node.tag} are not supported; write a plain value")
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._visit_entry(key, value, path)
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.visit(item, (*path, index))
        else:
            self._try_value(node)

    def _visit_entry(self, key: yaml.Node, value: yaml.Node, path: tuple[Any, ...]) -> None:
        if not isinstance(key, yaml.ScalarNode):
            raise self._refusal(key, "a key must be a word; got a list or mapping")
        place = (*path, key.value)
        if place in self.at:
            raise self._refusal(key, f"key {key.value!r} stands twice; drop one")
        self.at[place] = key.start_mark.line + 1
        self._try_value(key)
        self.visit(value, place)

    def _try_value(self, node: yaml.Node) -> None:
        """Read one value by itself, to name the line of one that cannot be: ``0b_`` or a number of 5,000 digits."""
        try:
            self._loader.construct_object(node)
        except (ValueError, LookupError, AttributeError, yaml.constructor.ConstructorError):
            raise self._refusal(node, f"value {node.value[:40]!r} must be text, a number or true or false") from None

    def _refusal(self, node: yaml.Node, problem: str) -> ValueError:
        return ValueError(f"{self._name}, line {node.start_mark.line + 1}: {problem}")
