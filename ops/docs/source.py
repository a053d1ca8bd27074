"""What the source of the contract says and a running class has forgotten: names of types, docs of attributes."""

import ast
import inspect
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from shared.contract import codes, fields
from shared.contract.events import Event


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field of an event: the name of its type in `shared/contract/fields.py`, and what is written about it."""

    type_name: str
    doc: str


def attribute(event: type[Event], name: str) -> Attribute:
    """A field's type and description: its own docstring, else the one of its type.

    Raises LookupError for a field whose type is not named in `shared/contract/fields.py`.
    """
    for declared in (each for each in event.__mro__ if issubclass(each, Event)):
        node = _classes(sys.modules[declared.__module__]).get(declared.__name__, {}).get(name)
        if node is not None:
            type_name, doc = node
            return Attribute(type_name, doc or _type_doc(type_name))
    raise LookupError(f"{event.__name__}.{name} is not of a type of shared/contract/fields.py")


def one_line(doc: str | None) -> str:
    """A docstring as one line."""
    return " ".join((doc or "").split())


def _type_doc(type_name: str) -> str:
    value = getattr(fields, type_name)
    declared_here = inspect.isclass(value) and value.__module__ == codes.__name__
    return one_line(value.__doc__) if declared_here else _assigned(fields).get(type_name, "")


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text())


@cache
def _classes(module: ModuleType) -> dict[str, dict[str, tuple[str, str]]]:
    """Class -> field -> (type name, docstring), for fields typed `f.Something`."""
    return {
        node.name: {
            statement.target.id: (statement.annotation.attr, _doc_after(node.body, index))
            for index, statement in enumerate(node.body)
            if isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(statement.annotation, ast.Attribute)
        }
        for node in _tree(module).body
        if isinstance(node, ast.ClassDef)
    }


@cache
def _assigned(module: ModuleType) -> dict[str, str]:
    """Name -> docstring, for the assignments of a module."""
    body = _tree(module).body
    return {
        target.id: _doc_after(body, index)
        for index, statement in enumerate(body)
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def _doc_after(body: list[ast.stmt], index: int) -> str:
    following = body[index + 1] if index + 1 < len(body) else None
    if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
        return one_line(str(following.value.value))
    return ""
