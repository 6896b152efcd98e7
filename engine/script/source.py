"""The part of an experiment's file that its training needs, as it stands there. For `export.py`.

Lesson text, `settings`, views and whatever else no function of the training refers to are left
out; a knob's annotation keeps its type and loses its bounds.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import TypeGuard

from . import names

_ALIASES = (ast.Import, ast.ImportFrom)
_BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While, ast.Match)
_MOST_BLANK = 2


@dataclass
class Source:
    """Kept source. `bound` are the names it defines, `folder` is to be on `sys.path` ("" not)."""

    text: str
    bound: set[str]
    imports: set[str]  # top-level modules it imports
    folder: str = ""
    future: str = ""  # the import that must come before everything


@dataclass
class _Statement:
    node: ast.stmt
    binds: set[str]
    refers: set[str]
    acts: bool  # whatever else is needed
    kept: bool = False


def needed(text: str, path: Path, roots: Iterable[str], module: ModuleType | None = None) -> Source:
    """What of `text` the functions called `roots` need. `module` is the file as executed."""
    roots = set(roots)
    text = _without_bounds(_with_places(_one_a_line(text), path, module), roots)
    body = ast.parse(text).body
    features = [alias.name for node in body if _is_future(node) for alias in node.names]
    statements = _statements([node for node in body if not _is_future(node)])
    wanted = _keep(statements, roots)
    pieces = "\n".join(_pieces(statements, text.split("\n"), wanted))
    imports = {name for node in ast.parse(pieces).body for name in _modules(node)}
    return Source(
        text=pieces,
        bound=_bound(statements, wanted, module),
        imports=imports,
        folder=str(path.parent) if any(_lies_beside(n, path.parent) for n in imports) else "",
        future=f"from __future__ import {', '.join(features)}" if features else "",
    )


def _one_a_line(text: str) -> str:
    """Statements of the module that share a line, `import os; HERE = 1`, each on its own."""
    lines = text.split("\n")
    for before, after in reversed([*pairwise(ast.parse(text).body)]):
        if before.end_lineno == after.lineno:
            line = lines[after.lineno - 1].encode()
            first, second = line[: before.end_col_offset], line[after.col_offset :]
            lines[after.lineno - 1] = f"{first.decode()}\n{second.decode()}"
    return "\n".join(lines)


def _is_future(node: ast.stmt) -> TypeGuard[ast.ImportFrom]:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _statements(nodes: list[ast.stmt]) -> list[_Statement]:
    """What each of a module's statements binds, reads and does."""
    bound = [names.bound(node) for node in nodes]
    imported = {name for node in nodes for name in names.imported(node)}
    own = set[str]().union(*bound) - imported
    definitions = {name: n for n in nodes if (name := getattr(n, "name", None)) in own}
    found: list[_Statement] = []
    for node, binds in zip(nodes, bound, strict=True):
        binds |= names.changed_by_defining(node, definitions) & own
        drawn = {names.GENERATORS} if names.draws(node, definitions) else set[str]()
        acts = _acts_by_itself(node, imported, own)
        found.append(_Statement(node, binds | drawn, names.read(node) | drawn, acts))
    return found


def _acts_by_itself(node: ast.stmt, imported: set[str], own: set[str]) -> bool:
    """Statements that name nothing and do something: `torch.set_default_dtype(...)`."""
    if _is_main(node):
        return False
    outside = names.reaches_outside(node) & imported  # os.environ["A"] = "b"
    if outside or "*" in names.imported(node):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    if not isinstance(node, _BLOCKS):
        return False
    return names.calls_outside(node, own) or not names.binds_for_good(node)


def _keep(statements: list[_Statement], roots: set[str]) -> set[str]:
    """Mark what is needed; returns every name that is."""
    wanted = set(roots)
    growing = True
    while growing:
        growing = False
        for statement in statements:
            asked = statement.binds & wanted and not _is_main(statement.node)
            if not statement.kept and (statement.acts or asked):
                statement.kept = growing = True
                wanted |= statement.refers
    return wanted


def _bound(statements: list[_Statement], wanted: set[str], module: ModuleType | None) -> set[str]:
    """The names that the kept statements define, those of `from ... import *` among them."""
    kept = [statement for statement in statements if statement.kept]
    bound = {name for statement in kept for name in statement.binds}
    found = bound & wanted
    for statement in kept:
        found |= names.declared_global(statement.node)
    if "*" in bound:
        read = {name for statement in kept for name in statement.refers}
        there = read if module is None else set(vars(module))
        found |= there.difference(*(statement.binds for statement in statements))
    return found - {"*", names.GENERATORS}


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def _pieces(statements: list[_Statement], lines: list[str], wanted: set[str]) -> list[str]:
    """The lines of all that is kept."""
    pieces: list[str] = []
    imported = False  # the piece before was an import
    for statement in statements:
        if statement.kept:
            piece = _piece(statement, lines, wanted, first=not pieces)
            imports_too = isinstance(statement.node, _ALIASES)
            pieces += [""] if imported and not imports_too and piece[0] else []
            pieces += piece
            imported = imports_too
    return pieces


def _piece(statement: _Statement, lines: list[str], wanted: set[str], *, first: bool) -> list[str]:
    """The statement's lines, with comments right above it and the blank lines before them."""
    node = statement.node
    start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
    end = node.end_lineno or node.lineno
    text = lines[start:end]
    if isinstance(node, _ALIASES):
        text = _import(node, text, wanted)
    while start and lines[start - 1].startswith("#"):
        start -= 1
        text.insert(0, lines[start])
    blank = 0
    while start - blank and not lines[start - 1 - blank].strip():
        blank += 1
    return text if first else [""] * min(blank, _MOST_BLANK) + text


def _import(node: ast.Import | ast.ImportFrom, text: list[str], wanted: set[str]) -> list[str]:
    """The import without names that nothing kept uses."""
    used = [alias for alias in node.names if names.called(alias) in wanted]
    if len(used) == len(node.names) or not used:
        return text
    trimmed = (
        ast.ImportFrom(node.module, used, node.level)
        if isinstance(node, ast.ImportFrom)
        else ast.Import(used)
    )
    return [ast.unparse(trimmed)]


def _modules(statement: ast.stmt) -> Iterator[str]:
    """Top-level modules imported anywhere in a statement."""
    for part in ast.walk(statement):
        if isinstance(part, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in part.names)
        elif isinstance(part, ast.ImportFrom) and part.module and not part.level:
            yield part.module.partition(".")[0]


def _lies_beside(name: str, folder: Path) -> bool:
    return (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()


def _without_bounds(text: str, roots: set[str]) -> str:
    """Knobs' annotations as plain types: `Annotated[int, (1, 9)]` is `int` without the screen."""
    changes: dict[ast.expr, str] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name in roots:
            for argument in (*node.args.args, *node.args.kwonlyargs):
                match argument.annotation:
                    case ast.Subscript(value=value, slice=ast.Tuple(elts=[bare, *_])) as whole:
                        if ast.unparse(value).endswith("Annotated"):
                            changes[whole] = ast.get_source_segment(text, bare) or "object"
                    case _:
                        pass
    return _replaced(text, changes)


def _with_places(text: str, path: Path, module: ModuleType | None) -> str:
    """`__file__` spelt out: the script will lie elsewhere."""
    changes: dict[ast.expr, str] = {}
    for node in ast.parse(text).body:
        uses = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == "__file__"]
        whole = _literal(node, module) if uses else ""
        if whole and isinstance(node, ast.Assign):
            changes[node.value] = whole
        else:
            changes |= {name: repr(str(path)) for name in uses}
    return _replaced(text, changes)


def _literal(node: ast.stmt, module: ModuleType | None) -> str:
    """The value that `NAME = ...__file__...` came to, where it is a path; "" otherwise."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) if module is not None:
            value = getattr(module, name, None)
            if isinstance(value, Path) and getattr(module, "Path", None) is Path:
                return f'Path("{value.resolve()}")'
            return repr(value) if isinstance(value, str) else ""
        case _:
            return ""


def _replaced(text: str, changes: Mapping[ast.expr, str]) -> str:
    """`text` with these expressions written otherwise, from the last to the first."""
    lines = text.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    whole = text.encode()
    places = [
        (
            starts[node.lineno - 1] + node.col_offset,
            starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0),
            new,
        )
        for node, new in changes.items()
    ]
    for start, end, new in sorted(places, reverse=True):
        whole = whole[:start] + new.encode() + whole[end:]
    return whole.decode()
