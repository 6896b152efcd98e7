"""What the screen changes of a view before it is drawn."""

from drawn import BARS, CONFUSION, FIELD, FIT, GALLERY, RIDGE, SCATTER, SURFACE
from foghill.engine.protocol.pictures import Comparison, Drawing, Entrant
from foghill.tui.widgets import network
from foghill.tui.widgets.look import Look, Stand, seen, to_weights, turned, walked, weights_shown
from msgspec.structs import replace
from networks import LARGE, PLANAR

ROOM = (78, 18)
EDITABLE = replace(BARS, places=(("w", 0), ("w", 1), ("b", 0)))


def test_the_cursor_is_shown_while_the_arrows_act_there():
    assert seen(PLANAR, Look(), 3).at == -1  # type: ignore[union-attr]
    assert seen(PLANAR, Look(focused=True), 3).at == 3  # type: ignore[union-attr]
    assert seen(EDITABLE, Look(focused=True), 99).at == 2  # type: ignore[union-attr]
    assert seen(BARS, Look(focused=True), 0).at == -1  # type: ignore[union-attr]
    assert seen(FIT, Look(focused=True), 0) is FIT
    assert seen(None, Look(), 0) is None


def test_a_boundary_is_hard_and_without_held_out_points_as_one_likes():
    assert seen(FIELD, Look(), 0) == FIELD
    assert seen(FIELD, Look(hard=True), 0).certainty == []  # type: ignore[union-attr]
    assert seen(FIELD, Look(held_out=False), 0).held_out == ([], [], [])  # type: ignore[union-attr]
    surface = seen(SURFACE, Look(hard=True), 0)
    assert surface.values == [[0.0, 0.0], [3.0, 3.0]]  # type: ignore[union-attr]


def test_what_is_held_out_is_hidden_in_every_picture_that_has_its_points_or_numbers():
    hidden = Look(held_out=False)
    best = ("best, step 3", [0.0], [1.0])
    shown = seen(replace(FIT, lines=(*FIT.lines, best)), hidden, 0)
    assert (shown.held_out, shown.lines) == (([], []), FIT.lines)  # type: ignore[union-attr]
    points = seen(SCATTER, hidden, 0)
    assert (points.held_out_actual, points.actual) == ([], SCATTER.actual)  # type: ignore[union-attr]
    plain = Entrant("a", 9, 1.0, 0.5, 8)
    entrant = replace(plain, valid_loss=2.0, best_valid=2.0, metrics={"valid_r2": 0.5})
    table = seen(Comparison((entrant,), "lr"), hidden, 0)
    assert table == Comparison((plain,), "lr")


def test_pictures_painted_from_held_out_examples_say_that_they_are_hidden():
    hidden = Look(held_out=False)
    for view in (GALLERY, CONFUSION):
        of_training = replace(view, source="training, 5 examples")
        assert seen(of_training, hidden, 0) is of_training
        told = seen(replace(view, source="held out, 5"), hidden, 0)
        assert isinstance(told, Drawing)
        assert "V shows it" in told.texts[0][1]
        assert seen(replace(view, source="held out"), Look(), 0) != told


def test_arrows_walk_over_numbers_or_scroll_layers():
    assert walked(FIT, Stand(), 0, 1, ROOM) is None
    assert walked(PLANAR, Stand(), 0, 1, ROOM) == Stand(0, 1)
    weights = Stand(2 * network.SHEET, 1)
    assert walked(PLANAR, weights, 0, 1, ROOM) == Stand(2 * network.SHEET, 4)
    assert walked(LARGE, Stand(), 0, 1, ROOM) == Stand(1, 0)
    assert walked(LARGE, Stand(25, 0), 0, 9, ROOM) == Stand(25, 0)
    assert walked(EDITABLE, Stand(), 0, 1, ROOM) == Stand(0, 1)


def test_sheets_turn_around_and_the_cursor_stays():
    assert turned(FIT, Stand(), 1, ROOM) is None
    assert turned(PLANAR, Stand(0, 5), 1, ROOM) == Stand(network.SHEET, 5)
    assert turned(PLANAR, Stand(0, 5), -1, ROOM) == Stand(2 * network.SHEET, 5)


def test_a_weight_can_be_chosen_where_the_cursor_is_to_be_seen():
    layers = Stand(network.SHEET, 5)
    assert weights_shown(PLANAR, Stand(), ROOM)
    assert not weights_shown(PLANAR, layers, ROOM)
    assert not weights_shown(LARGE, Stand(), ROOM)
    assert to_weights(PLANAR, layers, ROOM) == Stand(2 * network.SHEET, 5)
    assert to_weights(LARGE, Stand(), ROOM) == Stand()


def test_fog_lies_over_a_hill_and_nothing_else():
    assert seen(RIDGE, Look(fog=True), 0).fog  # type: ignore[union-attr]
    assert not seen(RIDGE, Look(), 0).fog  # type: ignore[union-attr]
    assert seen(FIT, Look(fog=True), 0) is FIT
