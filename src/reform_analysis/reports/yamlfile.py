"""A YAML file -> plain values, and the line each of them stands on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML whose dates stay the text that was written, as a parameter's model expects."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
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
    """Return the value of one YAML expression, such as a parameter given on the command line."""
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError:
        return text


def load(path: Path) -> tuple[Any, Lines]:
    """Return a file's content and lines.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file is not YAML in UTF-8, or uses anchors or one key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileNotFoundError(f"batch file {path} must exist; `ls reports/*.yaml` shows the project's") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} must be UTF-8; {error}") from None
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise ValueError(f"{path.name} is empty; a batch has at least a title and a notebook")
        at: dict[tuple[Any, ...], int] = {}
        _walk(node, (), at, set(), path)
        return loader.construct_document(node), Lines(at)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(f"{path.name}, line {line}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name}: not valid YAML: {str(error).splitlines()[0]}") from None
    finally:
        loader.dispose()


def _walk(node: yaml.Node, path: tuple[Any, ...], at: dict[tuple[Any, ...], int], seen: set[int], file: Path) -> None:
    """Note the line of each key and item; refuse what would make a line ambiguous."""
    line = node.start_mark.line + 1
    at.setdefault(path, line)
    # an anchor used twice gives one node two places, and nested ones grow without bound
    if id(node) in seen:
        raise ValueError(f"{file.name}, line {line}: anchors and aliases are not supported; write the value out")
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (*path, key.value)
            if place in at:
                raise ValueError(
                    f"{file.name}, line {key.start_mark.line + 1}: key {key.value!r} stands twice; drop one"
                )
            at[place] = key.start_mark.line + 1
            _walk(value, place, at, seen, file)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*path, index), at, seen, file)
