"""The table of a comparison: who stands where, who is best, who stopped why."""

from drawn import sizes
from foghill.engine.protocol.pictures import Comparison, Entrant
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import comparison
from hypothesis import given
from hypothesis import strategies as st

PENS = Palette()
OWN = Entrant("this run", 40, 0.5, 0.4, 38, 0.9, 0.7, 20, {"valid_accuracy": 0.8}, at=0.1)
FAST = Entrant("lr 1", 40, 0.2, 0.1, 31, 0.8, 0.6, 30, {"valid_accuracy": 0.9}, at=1.0)
WILD = Entrant("lr 9", 3, None, None, 0, stopped="loss is nan at step 3", at=9.0)
VIEW = Comparison((OWN, FAST, WILD), "lr", True, ("loss: mean of the last 4 steps",))


def test_every_entrant_has_its_row_and_its_sign():
    lines = comparison.draw(VIEW, 80, 10, PENS).text().split("\n")
    own, fast, wild = lines[1:4]
    assert own.split() == ["●", "this", "run", "0.5", "0.9", "0.8", "0.7", "20", "0.4", "38"]
    assert fast.split()[1:4] == ["▲", "lr", "1"]
    assert wild.split() == ["■", "lr", "9", "–", "–", "–", "–", "–"]


def test_the_best_is_marked_by_a_sign():
    lines = comparison.draw(VIEW, 80, 10, PENS).text().split("\n")
    assert [line.startswith("◆") for line in lines[1:4]] == [False, True, False]
    assert "best: lowest and its step; ◆ in front: lowest best valid" in "\n".join(lines)
    assert comparison.best(VIEW) == 1
    assert comparison.title(VIEW, PENS) == "3 side by side · best validation: lr 1"


def test_without_held_out_data_the_loss_decides():
    alone = Comparison((Entrant("this run", 4, 0.5, 0.1, 2), Entrant("lr 1", 4, 0.2, 0.2, 4)))
    assert comparison.best(alone) == 0
    assert "best loss: this run" in comparison.title(alone, PENS)
    assert "valid" not in comparison.draw(alone, 80, 8, PENS).text()
    assert "◆ in front: lowest best loss" in comparison.draw(alone, 80, 8, PENS).text()


def at_80_by_24(*labels: str) -> list[str]:
    """Rows of the picture where it has 53 cells, with two metrics of the file's own."""
    numbers = 0.0838812, 0.0790199, 138
    metrics = {"valid_new": 0.72337, "valid_old": 0.04333}
    view = Comparison(tuple(Entrant(name, 140, *numbers, *numbers, metrics) for name in labels))
    return comparison.draw(view, 53, 11, PENS).text().split("\n")


def test_at_80_by_24_the_files_own_metrics_have_their_place():
    heading, own, *rows = at_80_by_24("this run", "all", "last")
    assert heading.split() == ["loss", "valid", "new", "old", "best", "valid"]
    numbers = ["0.08388", "0.08388", "0.723", "0.0433", "0.07902", "138"]
    assert own.removeprefix("◆").split() == ["●", "this", "run", *numbers]
    assert "not shown for want of room: best loss" in "\n".join(rows)


def test_at_80_by_24_labels_can_be_told_apart():
    _, *rows = at_80_by_24(
        "this run", "batch 1 shuffle", "batch 1 no shuffle", "batch 20 no shuffle"
    )
    assert [row[2:19].rstrip() for row in rows[:4]] == [
        "● this run",
        "▲ batch 1 shuffle",
        "■ batch 1 no shu…",
        "★ batch 20 no sh…",
    ]


def test_who_stopped_says_why():
    text = comparison.draw(VIEW, 80, 10, PENS).text()
    assert "■ lr 9 stopped: loss is nan at step 3" in text
    assert "loss: mean of the last 4 steps" in text
    said = comparison.words(VIEW)
    assert said.startswith("Best: lr 1.")
    assert "loss is nan at step 3" in said


@given(sizes, st.integers(0, 3))
def test_any_size_will_do(size: tuple[int, int], page: int):
    grid = comparison.draw(VIEW, *size, PENS, page)
    assert (grid.width, grid.height) == size


def test_without_braille_all_is_ascii():
    assert comparison.draw(VIEW, 80, 10, Palette(ascii=True)).text().replace("–", "-").isascii()
