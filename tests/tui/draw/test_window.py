"""Windows over the steps of a run: zoom, pan, follow."""

from foghill.tui.draw.window import Run, Window
from hypothesis import given
from hypothesis import strategies as st

RUN = Run(last=1000)


def test_the_whole_run_is_in_sight_at_first():
    assert Window().bounds(RUN) == (0, 1000)
    assert Window().bounds(Run(10, 200)) == (0, 200)


def test_zooming_in_follows_the_end_and_zooming_out_undoes_it():
    near = Window().zoomed_in(RUN)
    left, right = near.bounds(RUN)
    assert right - left == 500
    assert right >= 1000
    assert near.zoomed_out(RUN) == Window()


def test_zooming_around_the_cursor_keeps_it_in_sight():
    window = Window().zoomed_in(RUN, 300).zoomed_in(RUN, 300)
    left, right = window.bounds(RUN)
    assert left <= 300 <= right
    assert right - left == 250


def test_following_moves_by_a_quarter_at_a_time():
    window = Window(span=100)
    places = {window.bounds(Run(last)) for last in range(1000, 1100)}
    assert len(places) <= 5


def test_panning_back_stops_following_and_panning_on_takes_it_up_again():
    window = Window(span=100).panned(-2, RUN)
    assert window.start == 850
    assert window.panned(2, RUN).start is None
    assert Window().panned(-3, RUN) == Window()
    assert window.at_first().bounds(RUN) == (0, 100)
    assert window.at_last().start is None


@given(
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.lists(st.sampled_from("+-<>gG"), max_size=60),
    st.one_of(st.none(), st.integers(0, 10**9)),
)
def test_no_keys_lead_outside(last, end, keys, cursor):
    run, window = Run(last, end), Window()
    for key in keys:
        window = {
            "+": lambda w: w.zoomed_in(run, cursor),
            "-": lambda w: w.zoomed_out(run, cursor),
            "<": lambda w: w.panned(-1, run),
            ">": lambda w: w.panned(1, run),
            "g": Window.at_first,
            "G": Window.at_last,
        }[key](window)
        left, right = window.bounds(run)
        assert 0 <= left < right
