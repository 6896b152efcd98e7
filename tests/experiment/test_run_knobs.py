"""Every run's own knobs, as promised."""

from foghill.engine.experiment.run_knobs import RUN_KNOBS

PROMISED = """optimizer lr momentum nesterov weight_decay loss schedule batch_size shuffle clip
zero_grad valid valid_every patience stop precision device threads num_workers seed data_seed"""


def test_the_promised_knobs_in_order():
    assert [knob.name for knob in RUN_KNOBS] == PROMISED.split()


def test_every_knob_accepts_its_own_start_and_says_what_it_is():
    for knob in RUN_KNOBS:
        assert knob.check(knob.value) == knob.default
        assert knob.help


def test_bounds():
    knobs = {knob.name: knob for knob in RUN_KNOBS}
    assert (knobs["valid"].low, knobs["valid"].high) == (0.0, 0.9)
    assert (knobs["seed"].low, knobs["seed"].high) == (0, 2**32 - 1)
    assert knobs["data_seed"].low == -1
    assert knobs["optimizer"].choices == ("sgd", "adam", "adamw", "rmsprop")
    assert knobs["loss"].choices == ("auto", "mse", "cross_entropy", "mae", "huber")


def test_when_a_change_takes_effect():
    effects = {knob.name: knob.effect for knob in RUN_KNOBS}
    assert effects["valid"] == "split again"
    assert effects["device"] == effects["precision"] == "converted at once"
    assert effects["seed"] == effects["data_seed"] == "next restart"
    assert effects["lr"] == "next step"
