"""Which of a module's names its statements bind, change and read. Used by `source.py`.

A name that stands only inside a function, a class or a comprehension is not the module's.
"""

import ast
import re
import symtable
from collections.abc import Iterator, Mapping

GENERATORS = "(the generators)"  # bound and read by a statement that draws from them
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_BINDING = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete, ast.Import, ast.ImportFrom)
_DRAWING = re.compile(
    r"\brng\b|\b(torch|np|numpy)\.normal\b|(^|[._])(rand|Random|default_rng|nn\.)"
)


def bound(statement: ast.AST) -> set[str]:
    """Names that a statement of the module gives a meaning, or changes."""
    return {name for part in in_module(statement) for name in _bound_by(part)}


def read(statement: ast.AST) -> set[str]:
    """Names of the module, or built in, that a statement refers to, at whatever depth."""
    return _read_in(symtable.symtable(ast.unparse(statement), "", "exec"))


def _read_in(scope: symtable.SymbolTable) -> set[str]:
    """A function's own names are left out; a class's may be the module's as they are read."""
    inside = scope.get_type() == "function"
    found = {
        symbol.get_name()
        for symbol in scope.get_symbols()
        if (symbol.is_global() if inside else symbol.is_referenced())
    }
    return found.union(*map(_read_in, scope.get_children()))


def declared_global(statement: ast.AST) -> set[str]:
    """Names of the module that functions in `statement` may give another meaning."""
    parts = ast.walk(statement)
    return {name for part in parts if isinstance(part, ast.Global) for name in part.names}


def binds_for_good(block: ast.AST) -> bool:
    """Whether it binds or changes more than what its own lines go through (`for i in ...`)."""
    return any(
        isinstance(part, (*_BINDING, *_DEFINITIONS)) or _is_method_called(part)
        for part in in_module(block)
    )


def calls_outside(block: ast.AST, own: set[str]) -> bool:
    """Whether a line of it is a call that is not a method of the module's own names, or print."""
    for part in in_module(block):
        match part:
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name != "print":
                return True
            case ast.Expr(value=ast.Call(func=ast.Attribute() as function)):
                if not own.issuperset(root(function)):
                    return True
            case _:
                pass
    return False


def reaches_outside(statement: ast.AST) -> set[str]:
    """`os` of `os.environ["A"] = "b"`: what has a part of it replaced, not itself."""
    parts = [part for part in in_module(statement) if _is_part_written(part)]
    return {name for part in parts for name in root(part)}


def imported(statement: ast.AST) -> set[str]:
    """Names that its imports bind."""
    parts = [p for p in in_module(statement) if isinstance(p, ast.Import | ast.ImportFrom)]
    return {called(alias) for part in parts for alias in part.names}


def draws(statement: ast.AST, definitions: Mapping[str, ast.AST]) -> bool:
    """Whether it seems to draw random numbers as the module is executed; goes by names."""
    for function in _called_in(in_module(statement)):
        own = [definitions[name] for name in root(function) if name in definitions]
        inside = [deeper for definition in own for deeper in _called_in(ast.walk(definition))]
        if any(_DRAWING.search(ast.unparse(one)) for one in (function, *inside)):
            return True
    return False


def _called_in(parts: Iterator[ast.AST]) -> list[ast.expr]:
    return [part.func for part in parts if isinstance(part, ast.Call)]


def in_module(node: ast.AST) -> Iterator[ast.AST]:
    """`node` and what it holds, as far as its names are the module's."""
    yield node
    if isinstance(node, _COMPREHENSIONS):
        yield from (part for part in ast.walk(node) if isinstance(part, ast.Call | ast.NamedExpr))
    elif not isinstance(node, (*_DEFINITIONS, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from in_module(child)


def called(alias: ast.alias) -> str:
    """The name that an import binds; "*" for all there are."""
    return alias.asname or alias.name.partition(".")[0]


def root(target: ast.AST) -> Iterator[str]:
    """`a` of `a`, `a.b` and `a["b"].c`."""
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=inner) | ast.Subscript(value=inner):
            yield from root(inner)
        case _:
            pass


def changed_by_defining(node: ast.AST, definitions: Mapping[str, ast.AST]) -> set[str]:
    """Names changed as a function or class is made, such as a list its decorator puts it on.

    `definitions` are the module's own, by name; what others do is not looked at.
    """
    if not isinstance(node, _DEFINITIONS):
        return set()
    found: set[str] = set()
    for decorator in node.decorator_list:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        for name in root(function):
            found |= _changed_within(definitions[name]) if name in definitions else {name}
    for base in node.bases if isinstance(node, ast.ClassDef) else []:
        for name in root(base):
            parts = getattr(definitions.get(name), "body", [])
            for hook in parts:
                if getattr(hook, "name", "") == "__init_subclass__":
                    found |= {name} | _changed_within(hook)
    return found


def _changed_within(definition: ast.AST) -> set[str]:
    """Names outside a function that its lines change."""
    changing = [p for p in ast.walk(definition) if _is_part_written(p) or _is_method_called(p)]
    targets = [p.value.func if isinstance(p, ast.Expr) else p for p in changing]  # pyright: ignore
    return declared_global(definition) | {name for target in targets for name in root(target)}


def _is_part_written(part: ast.AST) -> bool:
    return isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(part.ctx, ast.Load)


def _is_method_called(part: ast.AST) -> bool:
    """`LIST.append(...)`, `sys.path.insert(...)`."""
    match part:
        case ast.Expr(value=ast.Call(func=ast.Attribute())):
            return True
        case _:
            return False


def _bound_by(part: ast.AST) -> Iterator[str]:
    match part:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield part.name
        case ast.Import() | ast.ImportFrom():
            yield from (called(alias) for alias in part.names)
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case (
            ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del())
        ):
            yield from root(part)
        case ast.Expr(value=ast.Call(func=ast.Attribute() as function)):
            yield from root(function)
        case ast.NamedExpr(target=ast.Name(id=name)):
            yield name
        case (
            ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
            | ast.MatchMapping(rest=str(name))
        ):
            yield name
        case _:
            pass
