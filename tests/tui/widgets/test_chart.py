"""The loss chart as a widget: what it asks for, and what keys do to it."""

from drawn import Bare, curve, lines_of, state
from foghill.tui.widgets.cells import RequestChanged
from foghill.tui.widgets.chart import ExactWanted, LossChart

LOSS = {step: 10.0 / (step + 1) for step in range(1, 2001)}
VALID = {step: 12.0 / (step + 1) for step in range(100, 2001, 100)}
SERIES = {"loss": LOSS, "valid_loss": VALID, "accuracy": {1: 0.5, 2000: 0.9}}
NAMES = ("loss", "valid_loss", "accuracy")


def feed(chart: LossChart, step: int = 2000, **values: object) -> None:
    """Show the curve the chart asks for, as the screen would."""
    known = state(step=step, series=NAMES, **values)
    for _ in range(2):  # the first curve may change what is asked for
        chart.show(curve(chart.request(), SERIES), known)


async def test_it_asks_for_two_bins_a_column_up_to_the_end_of_its_axis():
    chart = LossChart()
    async with Bare(chart).run_test(size=(80, 12)):
        feed(chart)
        request = chart.request()
        assert request.series == ("loss", "valid_loss")
        assert (request.first, request.last) == (0, 2000)
        assert request.columns == 2 * (80 - 6 - 8)
        assert chart.request(40).columns == 2 * (40 - 6 - 8)


async def test_the_request_stays_while_the_axis_does():
    chart = LossChart()
    app = Bare(chart)
    async with app.run_test(size=(80, 12)) as pilot:
        feed(chart, 1500)
        before = chart.request()
        await pilot.pause()
        app.heard.clear()
        feed(chart, 1600)
        await pilot.pause()
        assert chart.request() == before
        assert app.heard == []
        feed(chart, 2001)
        await pilot.pause()
        assert isinstance(app.heard[-1], RequestChanged)
        assert chart.request().last == 5000


async def test_zoom_and_pan_change_what_is_asked_for():
    chart = LossChart()
    async with Bare(chart).run_test(size=(80, 12)):
        feed(chart)
        chart.zoom_in()
        assert (chart.request().first, chart.request().last) == (1000, 2000)
        chart.pan(-1)
        assert chart.request().first == 750
        chart.first()
        assert chart.request().first == 0
        chart.last()
        assert chart.request().last == 2000
        chart.zoom_out()
        assert chart.request().first == 0


async def test_losses_start_on_a_log_scale_and_metrics_on_a_linear_one():
    chart = LossChart()
    async with Bare(chart).run_test(size=(80, 12)):
        feed(chart)
        assert chart.log_scale
        chart.toggle_log()
        assert "linear" in chart.title()
        chart.cycle_series()
        assert chart.request().series == ("accuracy",)
        assert not chart.log_scale
        chart.cycle_series()
        assert chart.series == "loss"
        assert not chart.log_scale


async def test_the_title_names_scale_smoothing_and_legend():
    chart = LossChart()
    async with Bare(chart).run_test(size=(80, 12)):
        feed(chart)
        assert chart.title() == "loss · log · train ⠒⠒ · valid ◦"
        chart.cycle_smoothing()
        assert "smooth 0.6" in chart.title()
        chart.show(None, state(validation="no validation"))
        assert "no validation" in chart.title()


async def test_the_cursor_reads_out_an_exact_value_where_a_bin_is_one_step():
    chart = LossChart()
    app = Bare(chart)
    async with app.run_test(size=(80, 12)) as pilot:
        feed(chart, 50)
        chart.move_cursor(-1)
        chart.first()
        assert chart.cursor == 1
        assert chart.readout() == "step 1 · loss 5"
        chart.move_cursor(1)
        assert chart.readout() == f"step 2 · loss {10 / 3:.9g}"
        await pilot.pause()
        assert lines_of(app)[-1] == chart.readout()
        assert not [m for m in app.heard if isinstance(m, ExactWanted)]
        chart.last()
        assert chart.readout() == ""


async def test_the_cursor_asks_for_exact_values_one_series_at_a_time():
    chart = LossChart()
    app = Bare(chart)
    async with app.run_test(size=(80, 12)) as pilot:
        feed(chart)
        chart.move_cursor(1)
        await pilot.pause()
        asked = [m for m in app.heard if isinstance(m, ExactWanted)]
        assert [(m.series, m.first, m.last) for m in asked] == [("loss", 2000, 2000)]
        chart.exact([2000], [LOSS[2000]], "loss")
        await pilot.pause()
        asked = [m for m in app.heard if isinstance(m, ExactWanted)]
        assert [(m.series, m.first, m.last) for m in asked[1:]] == [("valid_loss", 2000, 2015)]
        chart.exact([2000], [VALID[2000]])
        assert f"loss {LOSS[2000]:.9g} at 2000" in chart.readout()
        assert f"valid_loss {VALID[2000]:.9g} at 2000" in chart.readout()


async def test_a_run_begun_again_takes_its_exact_values_along():
    chart = LossChart()
    app = Bare(chart)
    async with app.run_test(size=(80, 12)) as pilot:
        feed(chart)
        chart.move_cursor(1)
        chart.exact([2000], [LOSS[2000]], "loss")
        assert f"loss {LOSS[2000]:.9g} at 2000" in chart.readout()
        chart.show(curve(chart.request(), SERIES), state(step=100, series=NAMES))
        assert chart.cursor is None  # it has not come so far
        assert chart.readout() == ""
        app.heard.clear()
        doubled = {
            name: {at: 2 * of for at, of in values.items()} for name, values in SERIES.items()
        }
        chart.show(curve(chart.request(), doubled), state(step=2000, series=NAMES))
        await pilot.pause()
        assert chart.cursor == 2000
        assert f"{LOSS[2000]:.9g}" not in chart.readout()
        assert any(isinstance(message, ExactWanted) for message in app.heard)


async def test_an_exact_value_that_the_curve_has_overtaken_is_asked_for_again():
    """Where a restart came and went between two states."""
    chart = LossChart()
    async with Bare(chart).run_test(size=(80, 12)):
        feed(chart)
        chart.move_cursor(1)
        chart.exact([2000], [LOSS[2000]], "loss")
        doubled = {
            name: {at: 2 * of for at, of in values.items()} for name, values in SERIES.items()
        }
        chart.show(curve(chart.request(), doubled), state(step=2000, series=NAMES))
        assert f"{LOSS[2000]:.9g}" not in chart.readout()


async def test_an_answer_for_a_bin_the_cursor_has_left_is_dropped():
    chart = LossChart()
    async with Bare(chart).run_test(size=(80, 12)):
        feed(chart)
        chart.move_cursor(1)
        chart.move_cursor(-5)
        chart.exact([2000], [123.0], "loss")
        assert "123" not in chart.readout()


async def test_it_says_itself_in_words():
    chart = LossChart()
    async with Bare(chart).run_test(size=(80, 12)):
        assert chart.in_words() == "loss: nothing measured yet."
        feed(chart, 50)
        assert "loss over steps 0 to 50, log." in chart.in_words()
        assert "loss: 5 at step 1" in chart.in_words()


async def test_a_curve_of_another_series_is_not_drawn():
    chart = LossChart()
    async with Bare(chart).run_test(size=(80, 12)):
        feed(chart)
        chart.cycle_series()
        assert "nothing measured" in chart.in_words()


async def test_it_lives_at_any_size_and_under_any_keys():
    chart = LossChart()
    app = Bare(chart)
    async with app.run_test(size=(80, 24)) as pilot:
        for size in ((1, 1), (2, 9), (13, 3), (300, 100), (40, 5)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            for act in (chart.zoom_in, chart.cycle_smoothing, chart.toggle_log, chart.first,
                        lambda: chart.move_cursor(-3), lambda: chart.pan(-2), chart.cycle_series,
                        chart.zoom_out, chart.last):  # fmt: skip
                act()
                feed(chart)
        assert app.is_running


async def test_the_held_out_line_can_be_hidden():
    chart = LossChart()
    async with Bare(chart).run_test(size=(80, 12)):
        feed(chart)
        chart.show_held_out(False)
        assert chart.request().series == ("loss",)
        chart.show_held_out(True)
        assert chart.request().series == ("loss", "valid_loss")
