"""The text panel, and scrolling in it."""

from fakes_tui import FakeEngine, app_on, attached, live, state_of, text_of
from foghill.tui.state import ScreenState
from foghill.tui.widgets.text import TextPanel, text_rows


def test_title_remarks_and_text():
    rows = text_rows(ScreenState(state_of(notes=("own DataLoader",))), 40)
    said = ["".join(text for text, _ in row) for row in rows]
    assert said == [
        "Fit a parabola to a thrown ball.",
        "",
        "• own DataLoader",
        "",
        "You stand on a hill in thick fog.",
        "",
        "Take a step.",
    ]


def test_without_a_docstring():
    rows = text_rows(ScreenState(state_of(title="", text="")), 40)
    assert "no docstring" in rows[0][0][0]


async def test_long_texts_scroll_and_say_how_much_is_hidden():
    text = "\n\n".join(f"paragraph {n}" for n in range(40))
    engine = FakeEngine(state_of(text=text))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("0")
        await pilot.pause()
        assert "more lines" in str(live(app).query_one(TextPanel).border_subtitle)
        assert "paragraph 0" in text_of(app, "#text")
        await pilot.press(*["right"] * 20)
        await pilot.pause()
        assert "paragraph 39" in text_of(app, "#text")
        assert not live(app).query_one(TextPanel).border_subtitle
        await pilot.press("up")
        await pilot.pause()
        assert "1 more line" in str(live(app).query_one(TextPanel).border_subtitle)
