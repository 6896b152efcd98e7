"""The part of an experiment's file that its training needs, as it stands there. For `script.py`.

Lesson text, `settings`, views and whatever else no function of the training refers to are left
out; a knob's annotation keeps its type and loses its bounds.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

_ALIASES = (ast.Import, ast.ImportFrom)
_BLOCKS = (ast.If, ast.Try, ast.With, ast.For, ast.While)
_MOST_BLANK = 2


@dataclass
class Source:
    """Kept source. `bound` are the names it defines, `folder` is to be on `sys.path` ("" not)."""

    text: str
    bound: set[str]
    imports: set[str]  # top-level modules it imports
    folder: str = ""


@dataclass
class _Statement:
    node: ast.stmt
    binds: set[str]
    refers: set[str]
    kept: bool = False


def needed(text: str, path: Path, roots: Iterable[str], module: ModuleType | None = None) -> Source:
    """What of `text` the functions called `roots` need. `module` is the file as executed."""
    roots = set(roots)
    text = _without_bounds(_with_places(text, path, module), roots)
    statements = [_statement(node) for node in ast.parse(text).body]
    wanted = _keep(statements, roots)
    lines = text.splitlines()
    pieces: list[str] = []
    imported = False  # the piece before was an import
    for statement in statements:
        if statement.kept:
            piece = _piece(statement, lines, wanted, first=not pieces)
            imports_too = isinstance(statement.node, _ALIASES)
            pieces += [""] if imported and not imports_too and piece[0] else []
            pieces += piece
            imported = imports_too
    bound = {name for statement in statements if statement.kept for name in statement.binds}
    kept = ast.parse("\n".join(pieces))
    imports = {name for node in kept.body for name in _modules(node)}
    beside = any(_lies_beside(name, path.parent) for name in imports)
    return Source("\n".join(pieces), bound & wanted, imports, str(path.parent) if beside else "")


def _statement(node: ast.stmt) -> _Statement:
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    refers = {name.id for name in names if isinstance(name.ctx, ast.Load)}
    return _Statement(node, set(_bound(node)), refers)


def _bound(node: ast.stmt) -> Iterator[str]:
    """Names that a statement of the module gives a meaning, or changes."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Import() | ast.ImportFrom():
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.Delete():
            targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
            for target in targets:
                yield from _roots(target)
        case ast.Expr(value=ast.Call(func=ast.Attribute() as called)):
            yield from _roots(called)  # LIST.append(...), sys.path.insert(...)
        case _:
            if isinstance(node, _BLOCKS):
                for inner in ast.iter_child_nodes(node):
                    for part in [inner, *getattr(inner, "body", [])]:
                        if isinstance(part, ast.stmt):
                            yield from _bound(part)


def _roots(target: ast.AST | None) -> Iterator[str]:
    """`a` of `a`, `a.b`, `a["b"]` and `a, *b`."""
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
            yield from _roots(inner)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _roots(part)
        case _:
            pass


def _keep(statements: list[_Statement], roots: set[str]) -> set[str]:
    """Mark what is needed; returns every name that is."""
    wanted = set(roots)
    for statement in statements:
        if _acts_by_itself(statement):
            statement.kept = True
            wanted |= statement.refers
    growing = True
    while growing:
        growing = False
        for statement in statements:
            if not statement.kept and statement.binds & wanted and not _is_main(statement.node):
                statement.kept = growing = True
                wanted |= statement.refers
    return wanted


def _acts_by_itself(statement: _Statement) -> bool:
    """Statements that name nothing and do something: `torch.set_default_dtype(...)`."""
    node = statement.node
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    return isinstance(node, _BLOCKS) and not statement.binds and not _is_main(node)


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


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
    used = [a for a in node.names if (a.asname or a.name.partition(".")[0]) in wanted]
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
