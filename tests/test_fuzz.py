"""A little of what `make promises` does in full: nothing a client says costs training anything."""

import itertools
from pathlib import Path

import pytest
from fuzzed import EndlessRun, fuzz_server, look_and_be_refused, play
from fuzzing import EXPERIMENT, bodies, checked, harmless, resident, sequences
from hypothesis import HealthCheck, Phase, given, seed, settings
from sessions import write

SEEDS = (1, 2, 3)
LITTLE = settings(
    max_examples=100,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    return write(tmp_path, EXPERIMENT)


@pytest.mark.parametrize("number", SEEDS)
def test_the_decoder_gives_a_frame_or_a_typed_refusal(number: int) -> None:
    for body in itertools.islice(bodies(number), 1000):
        checked(body)
    before = resident()
    sound = sum(checked(body) for body in itertools.islice(bodies(number + 100), 5000))
    assert resident() - before < 4 * 2**20
    assert sound > 100  # or it would only prove that nonsense is refused


@pytest.mark.slow
@pytest.mark.parametrize("number", SEEDS)
def test_a_server_goes_on_through_anything_and_so_does_training(number: int, path: Path) -> None:
    fuzz_server(path, number, 200)


@pytest.mark.parametrize("number", SEEDS)
def test_any_sequence_of_commands_is_answered_and_undone_by_a_restart(
    number: int, path: Path
) -> None:
    with EndlessRun(path) as run:

        @seed(number)
        @LITTLE
        @given(sequences)
        def sequence_after_sequence(commands: list[object]) -> None:
            play(run, commands)

        sequence_after_sequence()


@pytest.mark.parametrize("number", SEEDS)
def test_looking_and_being_refused_change_no_bit_of_training(number: int, path: Path) -> None:
    with EndlessRun(path) as run:
        run.train_on()

        @seed(number)
        @LITTLE
        @given(harmless)
        def sequence_after_sequence(sequence: list[object]) -> None:
            look_and_be_refused(run, sequence)

        sequence_after_sequence()
        disturbed = run.stop_training()
    with EndlessRun(path) as run:
        run.train_on(len(disturbed))
        assert run.stop_training() == disturbed
