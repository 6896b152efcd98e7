"""A row of the command table."""

from foghill.tui.entry import Entry, acting, bindings, shown_key


def test_a_row_says_its_keys_as_they_stand_on_the_keyboard():
    row = Entry[int]("more", ("plus", "ctrl+p"), "more", "More.")
    assert row.key == "+"
    assert row.every_key == "+ ctrl-p"
    assert Entry[int]("none", (), "none", "None.").key == ""
    assert shown_key("x") == "x"


def test_a_label_can_depend_on_the_state():
    row = Entry[int]("n", ("n",), lambda n: f"{n} more", "More.")
    assert row.says(3) == "3 more"


def test_rows_act_by_the_state():
    rows = (Entry[int]("a", ("a",), "a", "A."), Entry[int]("b", ("b",), "b", "B.", lambda n: n > 1))
    assert [row.id for row in acting(rows, 1)] == ["a"]
    assert [row.id for row in acting(rows, 2)] == ["a", "b"]


def test_bindings_have_ids_for_a_keymap():
    rows = (Entry[int]("up", ("up", "k"), "up", "Up."),)
    found = [(b.key, b.action, b.id) for b in bindings(rows)]  # type: ignore[union-attr]
    assert found == [("up", "command('up')", "up.0"), ("k", "command('up')", "up.1")]
