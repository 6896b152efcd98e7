"""Writes the tree into the README: a line per file, from each file's own docstring.

`python -m bench.tree` after adding a file; a test sees that it was not forgotten.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
START, END = "<!-- tree -->", "<!-- end of tree -->"
FOLDERS = (
    "engine",
    "engine/protocol",
    "engine/coach",
    "engine/hill",
    "engine/inspection",
    "engine/script",
    "engine/views",
    "engine/lessons",
    "engine/data",
    "tui",
    "tui/commands",
    "tui/screens",
    "tui/widgets",
    "tui/draw",
    "tui/verbs",
    "bench",
    "bench/situations",
)
NO_PACKAGES = {"bench": "the figures", "bench/situations": "what the coach is asked about"}


def summary(path: Path) -> str:
    """The first sentence of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    first = docstring.split("\n\n")[0].replace("\n", " ")
    return first.split(". ")[0].rstrip(".")


def tree() -> str:
    """The tree as a code block."""
    lines: list[str] = []
    for folder in FOLDERS:
        own = NO_PACKAGES.get(folder) or summary(ROOT / folder / "__init__.py")
        lines.append(f"{folder + '/':<26}{own}".rstrip())
        files = sorted(set((ROOT / folder).glob("*.py")) - {ROOT / folder / "__init__.py"})
        lines += [f"  {path.name:<24}{summary(path)}" for path in files]
    return "\n".join(("```text", *lines, "```"))


def written(readme: str) -> str:
    """`readme` with the tree as it is now."""
    before, rest = readme.split(START)
    return f"{before}{START}\n\n{tree()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(written(path.read_text()))
