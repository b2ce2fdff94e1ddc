"""The reader's texts in Python code: found in the syntax tree, so that nothing has to be run to translate it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

# Calls whose first argument is a text, and arguments that are texts wherever they stand.
_TEXT_CALLS = {"Sentence", "translate", "label", "label_words"}
_TEXT_ARGUMENTS = {"title", "caption", "notes"}
_NAMED_ARGUMENTS = {"marks", "lines"}
_TEXT_ENDINGS = "_label"
# Module-level tables of labels: every text in them is for a reader.
_LABEL_TABLES = "LABELS"


def _strings(node: ast.expr) -> Iterator[str]:
    """Yield the string constants below a node that stands where a text is expected."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _strings(value)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for value in node.elts:
            yield from _strings(value)


def _called_name(call: ast.Call) -> str:
    """Return the last part of the name that is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _names_text(argument: str | None) -> bool:
    """Tell whether an argument of this name is a text for a reader."""
    return argument in _TEXT_ARGUMENTS or (argument or "").endswith(_TEXT_ENDINGS)


def _texts_of_call(call: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call that hold texts for a reader."""
    name = _called_name(call)
    found = call.args[:1] if name in _TEXT_CALLS else call.args[1:2] if name == "Form" else []
    for keyword in call.keywords:
        if (
            _names_text(keyword.arg)
            or (keyword.arg == "kind" and name == "compose")
            or (isinstance(keyword.value, ast.Dict) and keyword.arg == "columns")
        ):
            found.append(keyword.value)
        elif isinstance(keyword.value, ast.Dict) and keyword.arg in _NAMED_ARGUMENTS:
            found += [key for key in keyword.value.keys if key is not None]
    return found


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Return what each name of a module is set to; names that are unpacked together share their value."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                found |= {name.id: node.value for name in ast.walk(target) if isinstance(name, ast.Name)}
    return found


def _texts_of_labels(value: ast.expr, constants: dict[str, ast.expr]) -> Iterator[ast.expr]:
    """Yield what a table of labels holds: its values, questions among its keys, and the names it is built from."""
    yield value
    if isinstance(value, ast.Dict):
        yield from (k for k in value.keys if isinstance(k, ast.Constant) and str(k.value).endswith("?"))
    else:
        names = (node.id for node in ast.walk(value) if isinstance(node, ast.Name))
        yield from (constants[name] for name in names if name in constants)


def messages_in_code(source: str) -> Iterator[str]:
    """Yield the reader's texts in Python code.

    Found are the first argument of ``Sentence(...)``, ``translate(...)`` and ``label(...)``, the title of
    ``Form(kind, title)``, the arguments and dictionary entries named ``title``, ``caption``, ``notes``, ``x_label``,
    ``y_label`` and the like, the headers in ``columns={...}`` and in functions called ``columns``, the names in
    ``marks={...}`` and ``lines={...}``, and the tables whose name ends in ``LABELS``.
    """
    tree = ast.parse(source)
    constants = _constants(tree)
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += _texts_of_call(node)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found += [value for key, value in pairs if isinstance(key, ast.Constant) and _names_text(str(key.value))]
        elif isinstance(node, ast.FunctionDef) and node.name.strip("_") == "columns":
            found += [inner for inner in ast.walk(node) if isinstance(inner, ast.Dict)]
    for name, value in constants.items():
        if name.endswith(_LABEL_TABLES):
            found += _texts_of_labels(value, constants)
    for expression in found:
        for text in _strings(expression):
            # Texts have letters; what is joined by underscores is a code of the data.
            if re.search(r"[^\W\d_]", text) and not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", text):
                yield text
