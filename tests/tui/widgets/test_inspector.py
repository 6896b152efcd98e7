"""The step inspector's rows, and the screen around them."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, seen, text_of, until
from foghill.engine.protocol.commands import Step
from foghill.engine.protocol.state import PHASES
from foghill.engine.protocol.views import Passage, PhaseRow, Phases, PhasesRequest, Request, View
from foghill.tui.widgets.inspector import phase_rows, tabs
from foghill.tui.widgets.rows import Row, width_of

DETAIL = (
    Passage("says", "The model answers for every example of the batch, one after another."),
    Passage("code", "prediction = model(x)"),
    Passage("code", "return self.a * t + self.b", "mine.py:12"),
    Passage("tensor", "x", "6 f32", rows=(("1", "2.5", "−3", "4", "5", "1000"),)),
    Passage("tensor", "w", "99×9 f32", "mean 0  std 1", counts=(1, 8, 16, 0), low="−1", high="1"),
    Passage("tensor", "loss", "scalar", rows=(("626.6",),)),
    Passage("formula", "loss = mean of (prediction − target)²"),
    Passage("formula", "= " + " + ".join(f"{i}·{i}" for i in range(40)) + " = 20540"),
    Passage("table", rows=(("name", "value"), ("a", "0.5"), ("bias", "−12.25"))),
)
ROW = PhaseRow("predict", code="prediction = model(x)", detail=DETAIL)


def words(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row).rstrip() for row in rows]


@pytest.mark.parametrize("width", [20, 38, 78, 118, 200])
def test_nothing_is_wider_than_the_screen(width: int):
    assert all(width_of(row) <= width for row in phase_rows(ROW, True, width))


def test_code_stands_with_its_place_and_numbers_in_columns():
    lines = words(phase_rows(ROW, True, 60))
    assert "│ prediction = model(x)" in lines
    assert next(line for line in lines if "self.a" in line).endswith("mine.py:12")
    assert "     1   2.5    −3     4     5  1000" in lines
    assert "loss  scalar  626.6" in lines


def test_long_formulas_go_on_set_in():
    lines = words(phase_rows(ROW, True, 60))
    first = next(i for i, line in enumerate(lines) if line.startswith("    = 0·0"))
    assert all(line.startswith("      ") for line in lines[first + 1 : first + 4])
    joined = " ".join(line.strip() for line in lines[first : first + 8])
    assert "39·39 = 20540" in joined


def test_a_histogram_is_as_high_as_its_counts():
    lines = words(phase_rows(ROW, True, 60))
    low = next(i for i, line in enumerate(lines) if line.startswith("  −1 "))
    assert lines[low] == "  −1 ▁▁████   1"
    assert lines[low - 1] == "         ██"
    plain = words(phase_rows(ROW, True, 60, ascii=True))
    assert "  −1 ..%%%%   1" in plain


def test_words_to_the_left_numbers_to_the_right():
    lines = words(phase_rows(ROW, True, 60))
    assert lines[-3:] == ["  name    value", "  a         0.5", "  bias   −12.25"]


def test_a_long_table_stands_in_two_halves_where_there_is_room():
    rows = (("t", "error"), *((str(i), str(2 * i)) for i in range(20)))
    long = PhaseRow("loss", detail=(Passage("table", rows=rows),))
    assert len(phase_rows(long, True, 100)) == 11
    assert len(phase_rows(long, True, 20)) == 21
    assert words(phase_rows(long, True, 100))[1].split() == ["0", "0", "10", "20"]


def test_the_tab_shown_is_in_brackets():
    rows = tuple(PhaseRow(phase) for phase in PHASES)
    row = tabs(Phases(7, 3, rows), rows, 2, 78)
    (line,) = words([row])
    assert "[loss]" in line
    assert line.endswith("step 7")
    assert [ink for text, ink in row if text.strip(" []") in PHASES] == [
        "", "", "strong", "dim", "dim", "dim",
    ]  # fmt: skip


def test_a_phase_not_taken_says_which_key_takes_it():
    lines = words(phase_rows(PhaseRow("zero", code="optimizer.zero_grad()"), False, 60))
    assert lines[0] == "Not taken yet: press . for it."
    assert lines[-1] == "│ optimizer.zero_grad()"


class Detailed(FakeEngine):
    """An engine whose phases have details."""

    def view(self, request: Request) -> View:
        view = super().view(request)
        if not (isinstance(request, PhasesRequest) and request.detail):
            return view
        assert isinstance(view, Phases)
        rows = tuple(
            PhaseRow(row.phase, code=row.code, detail=(Passage("says", f"about {row.phase}"),) * 40)
            for row in view.rows
        )
        return Phases(view.step, view.done, rows)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_i_opens_it_and_a_phase_is_shown_as_it_is_taken(size: tuple[int, int]):
    engine = Detailed()
    app = app_on(engine)
    async with app.run_test(size=size) as pilot:
        await attached(pilot)
        await pilot.press("i")
        assert seen(app).inspecting
        await until(pilot, lambda: PhasesRequest(detail=True) in engine.looked)
        for phase in PHASES[:3]:
            await pilot.press("full_stop")
            await until(pilot, lambda p=phase: f"[{p}]" in text_of(app, "#step"))
            assert f"about {phase}" in text_of(app, "#step")
        await pilot.press("left")
        assert "[predict]" in text_of(app, "#step")
        await pilot.press("full_stop")
        await until(pilot, lambda: "[zero]" in text_of(app, "#step"))
        assert engine.orders == [Step("phase")] * 4


@pytest.mark.parametrize("key", ["i", "escape", "z", "q"])
async def test_it_closes_and_is_asked_for_no_more(key: str):
    engine = Detailed()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("i")
        await until(pilot, lambda: PhasesRequest(detail=True) in engine.looked)
        await pilot.press(key)
        await until(pilot, lambda: PhasesRequest() in engine.looked)
        assert not seen(app).inspecting
        assert PhasesRequest(detail=True) not in engine.looked


async def test_i_goes_back_to_where_one_was():
    app = app_on(Detailed())
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("tab", "tab")
        assert seen(app).focus == "chart"
        await pilot.press("i", "i")
        assert seen(app).focus == "chart"
        assert not seen(app).zoomed


async def test_it_scrolls_and_says_how_much_is_left():
    app = app_on(Detailed())
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("s", "i")
        await until(pilot, lambda: "about" in text_of(app, "#step"))
        panel = live(app).query_one("#step")
        before = str(panel.border_subtitle)
        assert "more lines" in before
        await pilot.press("down", "down")
        assert str(panel.border_subtitle) != before


def test_a_product_is_not_taken_for_a_difference_where_signs_are_plain():
    row = PhaseRow("update", detail=(Passage("formula", "a ← a − lr·√v = 3 − 1e−5·2² = 2.99996"),))
    (line,) = words(phase_rows(row, True, 78, ascii=True))
    assert line == "  a = a - lr*sqrt v = 3 - 1e-5*2^2 = 2.99996"
