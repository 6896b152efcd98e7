"""The line that says what to try next, and ticks."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, state_of, text_of, until
from foghill.engine.protocol.state import Try
from foghill.engine.runs import catalog
from foghill.tui.widgets.text import ticked
from foghill.tui.widgets.tries import TryLine, newly_done, try_rows

LONG = "Press . six times and read the step panel: batch, predict, loss, zero, backward, update."


def tries(*done: int) -> tuple[Try, ...]:
    texts = (LONG, "Set lr to 1.", "Look.")
    return tuple(Try(n, text, n in done) for n, text in enumerate(texts, 1))


def said(*args: object) -> list[str]:
    return ["".join(text for text, _ in row) for row in try_rows(*args)]  # type: ignore[arg-type]


def test_it_says_the_first_item_still_open():
    assert said(tries(), (), 40) == [" try 1/3  Press . six times and read th…"]
    assert said(tries(1), (), 40) == [" try 2/3  Set lr to 1."]
    assert said(tries(1, 3), (), 40) == [" try 2/3  Set lr to 1."]


def test_it_says_what_was_ticked_just_now():
    assert said(tries(1), (1,), 40) == [" ✓ 1 done try 2/3  Set lr to 1."]
    assert said(tries(1, 2), (1, 2), 40) == [" ✓ 1, 2 done try 3/3  Look."]


def test_what_was_ticked_takes_no_room_from_what_to_try_next():
    text = "Set lr to 1, press R, s, space and watch the loss. " * 2
    both = (Try(1, "One.", done=True), Try(2, text.strip()))
    assert said(both, (1,), 60, 2)[0].startswith(" ✓1 2/2  Set lr")
    assert " ".join("".join(said(both, (1,), 60, 2)).split()) == f"✓1 2/2 {text.strip()}"
    assert said(both, (1,), 120, 2)[0].startswith(" ✓ 1 done try 2/2  Set lr")


def test_it_says_when_all_were_tried():
    assert said(tries(1, 2, 3), (3,), 60) == [" ✓ all 3 tried · press 0 for what to read"]
    assert said((), (), 60) == []


def test_it_takes_a_second_row_where_there_is_room():
    rows = said(tries(), (), 60, 2)
    assert len(rows) == 2
    assert rows[1].startswith(" " * 10)
    assert " ".join("".join(rows).split()) == f"try 1/3 {LONG}"
    assert all(len(row) <= 60 for row in rows)


def test_what_is_newly_done():
    assert newly_done(tries(), tries(1, 3)) == (1, 3)
    assert newly_done(tries(1), tries(1)) == ()
    assert newly_done((), tries(1)) == ()  # the first state there is
    assert newly_done(tries(1), ()) == ()


def test_the_text_has_ticks_before_items_of_its_section_try():
    rows = ticked(["See", "  1. no", "Try", "  1. one", "  2. two", "", "Read", "  1. no"], {1})
    assert ["".join(text for text, _ in row) for row in rows] == [
        "See",
        "  1. no",
        "Try",
        "✓ 1. one",
        "  2. two",
        "",
        "Read",
        "  1. no",
    ]


async def test_on_the_screen_it_says_briefly_what_was_done():
    engine = FakeEngine(state_of(tries=tries(), text="Try\n  1. Press.\n  2. Set.\n  3. Look."))
    app = app_on(engine)
    async with app.run_test(size=(100, 24)) as pilot:
        await attached(pilot)
        assert text_of(app, "#tries").startswith(" try 1/3  Press . six")
        engine.push(tries=tries(1))
        await until(pilot, lambda: text_of(app, "#tries") == " ✓ 1 done try 2/3  Set lr to 1.")
        live(app).query_one(TryLine)._said()  # the time is up
        assert text_of(app, "#tries") == " try 2/3  Set lr to 1."
        await pilot.press("0")
        await until(pilot, lambda: "✓ 1. Press." in text_of(app, "#text"))
        assert "  2. Set." in text_of(app, "#text")


async def test_a_long_item_takes_two_lines_at_80_by_24_and_a_short_one_does_not():
    engine = FakeEngine(state_of(tries=tries()))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        assert " ".join(text_of(app, "#tries").split()) == f"try 1/3 {LONG}"
        assert live(app).query_one(TryLine).size.height == 2
        assert live(app).query_one("#step").size.height == 8  # six phases and two lines more
        engine.push(tries=tries(1))
        await until(pilot, lambda: live(app).query_one(TryLine).size.height == 1)


@pytest.mark.parametrize("size", [(100, 24), (40, 24), (80, 12)])
async def test_there_is_no_such_line_without_tries_or_without_room(size: tuple[int, int]):
    engine = FakeEngine(state_of(tries=tries() if size != (100, 24) else ()))
    app = app_on(engine)
    async with app.run_test(size=size) as pilot:
        await attached(pilot)
        assert not live(app).query_one(TryLine).display


@pytest.mark.parametrize("lesson", catalog.lessons(), ids=lambda lesson: lesson.name)
def test_every_try_of_a_lesson_is_whole_in_the_two_rows_of_a_small_screen(lesson: catalog.Lesson):
    for item in lesson.tries:
        tries = tuple(Try(i.number, i.text, i.number < item.number) for i in lesson.tries)
        rows = try_rows(tries, (), 80, 2)
        shown = " ".join("".join(text for text, _ in row) for row in rows).split()
        assert shown[2:] == item.text.split(), shown
