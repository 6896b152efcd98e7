"""The picture of a prediction: input, answer, scores, and the proof that nothing changed."""

from drawn import sizes
from foghill.engine.protocol.pictures import Prediction
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import predict
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

PENS = Palette()
DIGIT = Prediction(
    inputs=(),
    given=[0.0] * 32 + [1.0] * 32,
    shape=(1, 8, 8),
    answer="7",
    classes=tuple("0123456789"),
    scores=[0.01] * 7 + [0.91, 0.01, 0.01],
    target="7",
    example=4,
    total=359,
    source="held out",
    checksum="abcdef0123456789",
    checksum_after="abcdef0123456789",
    predictions=12,
)
HOUSE = Prediction(
    inputs=("rooms", "area"),
    given=[3.0, 119.1000002],
    shape=(2,),
    answer="price = 35.4",
    values=[35.4],
    target="35.8",
    checksum="a",
    checksum_after="a",
)


def test_right_and_wrong_differ_by_sign_and_words():
    assert "✓ 7, 91 % sure" in predict.draw(DIGIT, 70, 14, PENS).text()
    wrong = replace(DIGIT, target="1")
    assert "✗ 7, 91 % sure · is 1" in predict.draw(wrong, 70, 14, PENS).text()
    own = replace(DIGIT, target="", example=-1)
    assert "✓" not in predict.draw(own, 70, 14, PENS).text()
    assert "of your own" in predict.title(own, PENS)


def test_every_class_has_its_bar_the_answer_the_longest():
    lines = predict.draw(DIGIT, 70, 14, PENS).text().splitlines()
    rows = {line[17:].split()[0]: line[22:].count("█") for line in lines if line.endswith(" %")}
    assert set(rows) >= set("0123456789")
    assert rows["7"] > max(count for name, count in rows.items() if name != "7")


def test_little_room_keeps_the_best_scores():
    text = predict.draw(DIGIT, 50, 5, PENS).text()
    assert "91.0 %" in text


def test_numbers_stand_with_their_names():
    text = predict.draw(HOUSE, 60, 8, PENS).text()
    assert "rooms" in text
    assert "119.1" in text
    assert "119.1000" not in text
    assert "price = 35.4 · data say 35.8" in text


def test_the_proof_says_when_weights_changed():
    assert predict.proof(DIGIT) == (
        "weights abcdef01 before, abcdef01 after: unchanged, prediction 12"
    )
    assert "CHANGED" in predict.proof(replace(DIGIT, checksum_after="x"))


def test_words_say_all_of_it():
    said = predict.words(DIGIT)
    assert "7: 7 91.0 %" in said
    assert "the data say 7" in said
    assert predict.words(HOUSE).startswith("For rooms 3, area 119.1: price = 35.4")


def test_what_counts_as_an_image():
    assert predict.side((1, 8, 8)) == (8, 8)
    assert predict.side((28, 28)) == (28, 28)
    assert predict.side((784,)) == (28, 28)
    assert predict.side((10,)) is None
    assert predict.side((3, 2)) is None
    assert predict.side(()) is None


@given(sizes, st.sampled_from([DIGIT, HOUSE]), st.booleans(), st.booleans())
def test_any_size_is_drawn(size: tuple[int, int], view: Prediction, ascii: bool, colour: bool):
    grid = predict.draw(view, *size, Palette(ascii=ascii, colour=colour))
    assert (grid.width, grid.height) == size
