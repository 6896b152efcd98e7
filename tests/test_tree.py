"""The README's tree names every source file."""

from bench.tree import ROOT, written


def test_the_readmes_tree_is_up_to_date():
    readme = (ROOT / "README.md").read_text()
    assert readme == written(readme), "run: python -m bench.tree"
