"""Curves against a brute-force oracle, and what is promised about their size."""

import math
import threading
from collections.abc import Callable

import numpy as np
import pytest
from foghill.engine.history import curve
from foghill.engine.history.curve import Curves
from foghill.engine.protocol.views import Curve, CurveRequest, Line
from hypothesis import given, settings
from hypothesis import strategies as st

Exact = Callable[[str, int, int], tuple[list[int], list[float], bool]]


def nothing(series: str, first: int, last: int) -> tuple[list[int], list[float], bool]:
    raise AssertionError(f"{series} {first}..{last} was read from disk")


def reader(values: dict[int, float], page: int = 7) -> Exact:
    """What `Store.exact` would answer."""

    def exact(_: str, first: int, last: int) -> tuple[list[int], list[float], bool]:
        steps = [step for step in sorted(values) if first <= step <= last]
        return steps[:page], [values[s] for s in steps[:page]], len(steps) > page

    return exact


def check(line: Line, values: dict[int, float], got: Curve) -> None:
    """`line` is what one gets by going through all values of each bin."""
    begin, end = got.first // got.width, got.last // got.width
    bins: dict[int, list[float]] = {}
    broken: dict[int, int] = {}
    for step, value in sorted(values.items()):
        number = step // got.width
        if begin <= number <= end:
            if math.isfinite(value):
                bins.setdefault(number, []).append(value)
            else:
                broken.setdefault(number, step)
    assert line.steps == [number * got.width for number in sorted(bins)]
    assert line.low == [min(bins[number]) for number in sorted(bins)]
    assert line.high == [max(bins[number]) for number in sorted(bins)]
    assert line.broken == [broken[number] for number in sorted(broken)]
    in_sight = [(of, at) for at, of in values.items() if begin <= at // got.width <= end]
    lowest = min((pair for pair in in_sight if math.isfinite(pair[0])), default=None)
    assert line.lowest == (lowest and lowest[1])
    for number, mean in zip(sorted(bins), line.mean, strict=True):
        inside = bins[number]
        assert min(inside) <= mean <= max(inside)
        scale = max(abs(value) for value in inside)
        assert abs(mean - math.fsum(inside) / len(inside)) <= 1e-9 * scale


@pytest.fixture
def small_pyramid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bins that fill up early, so that widths double within a few hundred steps."""
    monkeypatch.setattr(curve, "MOST_BINS", 16)
    monkeypatch.setattr(curve, "_FEWEST_BINS", 4)


numbers = st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0])
series = st.lists(st.tuples(st.sampled_from([1, 1, 1, 2, 9, 300]), numbers), min_size=1)


@pytest.mark.usefixtures("small_pyramid")
@settings(print_blob=True, deadline=None, max_examples=300)
@given(
    gaps=series,
    cuts=st.lists(st.integers(1, 30), min_size=1),
    window=st.tuples(st.integers(0, 600), st.integers(0, 600)),
    columns=st.integers(1, 40),
)
def test_a_window_is_what_going_through_all_values_gives(
    gaps: list[tuple[int, float]], cuts: list[int], window: tuple[int, int], columns: int
) -> None:
    steps = np.cumsum([gap for gap, _ in gaps]).tolist()
    values = dict(zip(steps, [value for _, value in gaps], strict=True))
    curves, done = Curves(), 0
    for cut in cuts * len(steps):
        curves.extend(
            "loss", steps[done : done + cut], [values[s] for s in steps[done : done + cut]]
        )
        if done % 3 == 0:  # levels are brought up to date when read: look in between
            curves.curve(CurveRequest(("loss",)), reader(values))
        done += cut
    first, last = window[0], window[1] and window[0] + window[1]
    got = curves.curve(CurveRequest(("loss",), first, last, columns), reader(values))
    assert got.last == (last or steps[-1])
    check(got.lines[0], values, got)


@settings(print_blob=True, deadline=None)
@given(first=st.integers(0, 2**40), length=st.integers(0, 2**40), columns=st.integers(1, 4096))
def test_bins_are_as_narrow_as_the_columns_allow(first: int, length: int, columns: int) -> None:
    got = Curves().curve(CurveRequest(("loss",), first, max(first + length, 1), columns), nothing)

    def needed(width: int) -> int:
        return got.last // width - got.first // width + 1

    if got.last >= got.first:
        assert needed(got.width) <= columns
        assert got.width == 1 or needed(got.width // 2) > columns


def test_a_spike_of_one_step_is_never_averaged_away() -> None:
    curves = Curves()
    for first in range(0, 1_000_000, 1000):
        curves.extend("loss", range(first, first + 1000), [1.0] * 1000)
    curves.extend("loss", [1_000_000], [50.0])
    curves.extend("loss", range(1_000_001, 1_001_001), [1.0] * 1000)
    line = curves.curve(CurveRequest(("loss",), columns=80), nothing).lines[0]
    assert max(line.high) == 50.0
    assert max(line.mean) < 2.0


def test_panning_never_changes_a_bin() -> None:
    curves = Curves()
    curves.extend("loss", range(1, 5001), [math.sin(step) for step in range(1, 5001)])
    seen: dict[int, tuple[float, float, float]] = {}
    for first in range(1000, 1300, 7):
        got = curves.curve(CurveRequest(("loss",), first, first + 1600, 100), nothing)
        assert got.width == 32
        line = got.lines[0]
        for step, *numbers in zip(line.steps, line.low, line.mean, line.high, strict=True):
            assert seen.setdefault(step, tuple(numbers)) == tuple(numbers)


def sizes(curves: Curves) -> int:
    return sum(len(level) for p in curves._series.values() for level in p._levels)


def test_memory_stops_growing() -> None:
    curves = Curves()
    curves.extend("loss", [1], [1.0])
    assert sizes(curves) < 200
    curves.extend("loss", range(2, 10_001), [1.0] * 9999)
    after_ten_thousand = sizes(curves)
    for step in range(20_000, 10**8, 10**6):
        curves.extend("loss", [step], [1.0])
    assert sizes(curves) == after_ten_thousand < 2 * curve.MOST_BINS


def test_a_sparse_series_costs_little_and_keeps_its_values() -> None:
    curves = Curves()
    curves.extend("valid_loss", [10**6], [0.5])
    curves.extend("valid_loss", [2 * 10**6], [0.25])
    line = curves.curve(CurveRequest(("valid_loss",)), nothing).lines[0]
    assert (line.low, line.high) == ([0.5, 0.25], [0.5, 0.25])


def test_finer_than_the_base_reads_exact_values() -> None:
    curves, values = Curves(), {step: 1 / step for step in range(1, 100_001)}
    curves.extend("loss", list(values), list(values.values()))
    got = curves.curve(CurveRequest(("loss",), 50_000, 50_099, 100), reader(values))
    assert got.width == 1
    assert got.lines[0].mean == [1 / step for step in range(50_000, 50_100)]


def test_a_window_too_wide_to_read_back_shows_base_bins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve, "READ_AT_MOST", 1000)
    curves = Curves()
    curves.extend("loss", range(100_000), [1.0] * 100_000)
    got = curves.curve(CurveRequest(("loss",), 0, 1600, 800), nothing)
    assert got.width == 16
    assert len(got.lines[0].steps) == 101


def test_only_broken_values_leave_no_point_but_are_listed() -> None:
    curves = Curves()
    curves.extend("loss", [1, 2, 3], [math.nan, 2.0, math.inf])
    curves.extend("loss", [4], [-math.inf])
    line = curves.curve(CurveRequest(("loss",)), nothing).lines[0]
    assert (line.steps, line.mean, line.broken) == ([2], [2.0], [1, 3, 4])


def test_sums_beyond_float64_leave_the_mean_between_the_extremes() -> None:
    curves = Curves()
    curves.extend("loss", range(4), [1.7e308, 1.7e308, -1.7e308, 1.7e308])
    line = curves.curve(CurveRequest(("loss",), 0, 3, 1), nothing).lines[0]
    assert -1.7e308 <= line.mean[0] <= 1.7e308
    assert (line.low, line.high) == ([-1.7e308], [1.7e308])


def test_rounding_never_takes_the_mean_out_of_its_bin() -> None:
    curves = Curves()
    curves.extend("loss", range(3), [0.1] * 3)  # (0.1 + 0.1 + 0.1) / 3 is above 0.1
    assert curves.curve(CurveRequest(("loss",), 0, 2, 1), nothing).lines[0].mean == [0.1]


def test_a_step_given_again_replaces_its_value() -> None:
    curves = Curves()
    curves.extend("valid_loss", [5, 5], [3.0, 2.0])
    curves.extend("valid_loss", [5], [1.0])
    line = curves.curve(CurveRequest(("valid_loss",)), nothing).lines[0]
    assert (line.low, line.mean, line.high) == ([1.0], [1.0], [1.0])
    assert curves.latest("valid_loss") == (5, 1.0)


def test_last_zero_follows_the_series_that_came_farthest() -> None:
    curves = Curves()
    curves.extend("loss", range(1, 31), [1.0] * 30)
    curves.extend("valid_loss", [20], [1.0])
    assert curves.curve(CurveRequest(("valid_loss",)), nothing).last == 30
    assert curves.curve(CurveRequest(last=64), nothing).last == 64
    assert curves.names == ("loss", "valid_loss")


def test_unknown_series_and_empty_windows_are_empty_lines() -> None:
    curves = Curves()
    assert curves.latest("loss") is None
    curves.extend("loss", [], [])
    assert curves.names == ()
    curves.extend("loss", [1, 2], [1.0, 2.0])
    empty = Line("nonsense", [], [], [], [], [])
    assert curves.curve(CurveRequest(("nonsense",)), nothing).lines == (empty,)
    beyond = curves.curve(CurveRequest(("loss",), 50), nothing)
    assert beyond.lines[0].steps == []
    assert curves.curve(CurveRequest(("loss",), -5, 10**30, -1), nothing).lines[0].high == [2.0]


def test_the_newest_thousand_marks_are_kept() -> None:
    curves = Curves()
    for step in range(1500):
        curves.mark(step, f"lr {step}")
    marks = curves.curve(CurveRequest(first=0, last=2000), nothing).marks
    assert [mark.step for mark in marks] == list(range(500, 1500))
    window = curves.curve(CurveRequest(first=600, last=601), nothing).marks
    assert [mark.text for mark in window] == ["lr 600", "lr 601"]


def test_clear_begins_anew() -> None:
    curves = Curves()
    curves.extend("loss", [10**6], [1.0])
    curves.mark(3, "lr")
    curves.clear()
    curves.extend("loss", [1], [7.0])
    got = curves.curve(CurveRequest(("loss",)), nothing)
    assert (got.last, got.width, got.lines[0].mean, got.marks) == (1, 1, [7.0], ())


def test_a_reader_beside_a_writer_sees_whole_bins() -> None:
    curves, means, done = Curves(), set[float](), threading.Event()

    def look() -> None:
        while not done.is_set():
            means.update(
                curves.curve(CurveRequest(("loss",), 0, 1 << 18, 64), nothing).lines[0].mean
            )

    looker = threading.Thread(target=look)
    looker.start()
    for first in range(0, 1 << 18, 512):
        curves.extend("loss", range(first, first + 512), [1.0] * 512)
    while not means and looker.is_alive():
        done.wait(0.001)
    done.set()
    looker.join(10)
    assert not looker.is_alive()
    assert means == {1.0}
