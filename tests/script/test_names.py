"""Which names a statement of a module binds, changes and reads."""

import ast

import pytest
from foghill.engine.script.names import bound, changed_by_defining, draws, in_module, read

BINDING = {
    "a = b.c = d[0] = 1": {"a", "b", "d"},
    "a, (*b, c) = e": {"a", "b", "c"},
    "a += 1": {"a"},
    "a: int = 1": {"a"},
    "del a": {"a"},
    "a.b().c": set(),
    "a.append(1)": {"a"},
    "print(a := 1)": {"a"},
    "x = [(last := i) for i in range(3)]": {"x", "last"},
    "for i, j in pairs:\n    with open(i) as f, g() as (h, k): pass": {"i", "j", "f", "h", "k"},
    "while (n := n + 1) < 3: pass": {"n"},
    "try: import a.b as c, d.e\nexcept OSError as error: f = 1\nelse: g = 1\nfinally: h = 1": {
        "c", "d", "error", "f", "g", "h",
    },
    "match v:\n  case [a, *b] if (c := a): d = 1\n  case {'k': e, **f}: pass\n"
    "  case Point(x=g) | g: pass\n  case str() as h: pass\n  case _: i = 1": set("abcdefghi"),
    "from m import *": {"*"},
    "@d\ndef f(x=1):\n    y = 1\n    def g(): z = 1": {"f"},
    "class A(B):\n    x = 1": {"A"},
    "f = lambda x: (y := x)": {"f"},
    "async def f(): pass": {"f"},
}  # fmt: skip


def statement(text: str) -> ast.stmt:
    (node,) = ast.parse(text).body
    return node


@pytest.mark.parametrize("text", BINDING)
def test_names_that_a_statement_binds(text: str):
    assert bound(statement(text)) == BINDING[text]


def test_what_is_counted_is_read():
    assert read(statement("def f():\n    global n\n    n += step")) == {"n", "step"}


def test_names_of_a_functions_own_are_not_read():
    text = "@d\ndef f(x: A = b):\n    y = [i + c for i in x]\n    def g(): return y + e"
    assert read(statement(text)) == set("dAbce")
    assert read(statement("class A(B):\n    n = n\n    def f(self): return self.n + m")) == set(
        "Bnm"
    )


def test_what_a_function_holds_is_not_the_modules():
    names = [p.id for p in in_module(statement("def f(): a = b")) if isinstance(p, ast.Name)]
    assert names == []


def test_a_decorator_changes_what_it_writes_into():
    text = "def put(key):\n    def on(c):\n        LIST[key] = c\n        return c\n    return on"
    definitions = {"put": statement(text)}
    assert changed_by_defining(statement("@put('a')\nclass A: pass"), definitions) == {"LIST"}
    assert changed_by_defining(statement("class A: pass"), definitions) == set()


@pytest.mark.parametrize(
    "text",
    ["W = torch.randn(3)", "W = [random.random() for _ in range(3)]", "W = make(3)", "n = Net()"],
)
def test_statements_that_draw(text: str):
    made = (
        "def make(n): return rng.normal(n)",
        "class Net:\n    def __init__(self): nn.Linear(1, 1)",
    )
    definitions = {"make": statement(made[0]), "Net": statement(made[1])}
    assert draws(statement(text), definitions)
    assert not draws(statement("W = torch.zeros(3), brand(), Rectangle()"), definitions)
    assert not draws(statement("def f(): return torch.randn(3)"), definitions)
