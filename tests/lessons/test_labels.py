"""labels: perfect on its own data, whatever that says; clean data alone tells."""

import torch

from lessons.plain import Trained, experiment, trained
from lessons.seeds import promise


def clean(run: Trained) -> tuple[float, float, float]:
    """On clean data: share read, mean probability of the answer, share sure and wrong."""
    x, y = run.parts[1]
    training = run.model.training
    with torch.no_grad():
        p, answer = run.model.eval()(x).softmax(1).max(1)
    run.model.train(training)
    wrong = answer != y
    found = (~wrong).float().mean(), p.mean(), ((p > 0.9) & wrong).float().mean()
    return tuple(number.item() for number in found)  # type: ignore[return-value]


@promise()
def test_wrong_labels_are_learned_by_heart_and_cost_what_it_knew(seed: int):
    read = {}

    def look(run: Trained) -> None:
        if len(run.losses) % 10 == 0:
            read[len(run.losses)] = clean(run)[0]

    run = trained("labels", seed, valid_every=6, look=look)
    best = max(read, key=lambda step: read[step])
    assert run.train == 1
    assert 20 <= best <= 90
    lowest, _ = min(run.valid_losses, key=lambda one: one[1])
    assert 50 <= lowest <= 130
    assert read[best] > 0.75
    assert run.valid < read[best] - 0.15
    assert read[50] > read[800] + 0.05


@promise()
def test_stopping_early_keeps_most_of_it(seed: int):
    run = trained("labels", seed, 300, valid_every=6, look=lambda run: clean(run)[0])
    losses = [loss for _, loss in run.valid_losses]
    best = 0
    stopped = len(losses) - 1
    for place, loss in enumerate(losses):
        best = place if loss < losses[best] else best
        if place - best == 5:
            stopped = place
            break
    step = run.valid_losses[stopped][0]
    assert 30 <= step <= 300
    assert run.seen[step] > 0.6


@promise()
def test_with_right_labels_it_reads_clean_digits(seed: int):
    run = trained("labels", seed, wrong=0)
    assert run.train == 1
    assert run.valid > 0.9


@promise()
def test_with_every_label_moved_on_it_is_sure_and_wrong(seed: int):
    run = trained("labels", seed, wrong=1, become="next")
    read, sure, sure_wrong = clean(run)
    assert run.train == 1
    assert read < 0.05
    assert sure > 0.9
    assert sure_wrong > 0.8
    x, y = run.parts[1]
    with torch.no_grad():
        answers = run.model.eval()(x).argmax(1)
    assert (answers == (y + 1) % 10).float().mean() > 0.9


@promise()
def test_what_it_never_saw_it_takes_for_what_it_saw(seed: int):
    run = trained("labels", seed, wrong=0, missing=1)
    assert run.train == 1
    assert int(run.parts[0][1].max()) == 4
    assert run.valid < 0.6
    x, y = run.parts[1]
    with torch.no_grad():
        p, answer = run.model.eval()(x[y > 4]).softmax(1).max(1)
    assert int(answer.max()) <= 4
    assert p.mean() > 0.75


@promise()
def test_a_shortcut_is_taken(seed: int):
    run = trained("labels", seed, wrong=0, shortcut="on")
    read, sure, sure_wrong = clean(run)
    assert run.train == 1
    assert read < 0.4
    assert sure > 0.85
    assert sure_wrong > 0.4


def test_its_data_is_what_the_knobs_say():
    e = experiment("labels", wrong=0)
    (x, y), (clean_x, clean_y) = made(e)
    assert (x.shape, clean_x.shape) == ((300, 1, 8, 8), (397, 1, 8, 8))
    e.values["wrong"] = 0.4
    (same, spoilt), clean_part = made(e)
    assert torch.equal(same, x)
    assert torch.equal(clean_part[0], clean_x)
    assert torch.equal(clean_part[1], clean_y)
    assert 0.3 < (spoilt != y).float().mean() < 0.5
    e.values.update(wrong=1.0, become="next")
    assert torch.equal(made(e)[0][1], (y + 1) % 10)
    e.values.update(wrong=0.0, shortcut=True)
    marked = made(e)[0][0]
    changed = marked != x
    assert changed.sum((1, 2, 3)).max() == 1
    assert (marked[changed] == 2).all()


def made(e: object) -> object:
    torch.manual_seed(7)
    return e.call("data")  # type: ignore[attr-defined]


def test_the_mark_is_taken_off_and_put_on():
    e = experiment("labels", wrong=0, shortcut="on")
    (x, y), _ = made(e)

    def reads_the_pixel(images: torch.Tensor) -> torch.Tensor:
        edge = torch.cat([images[:, 0, :, 0], images[:, 0, :2, 7]], 1)
        return torch.where(edge == 2, 10.0, 0.0)

    (table,) = e.call("view_mark", reads_the_pixel, x, y).values()
    assert [table[place][1] for place in (1, 3, 4)] == ["100.0 %", "100.0 %", "0.0 %"]
    assert table[2][2] == "10 %"
