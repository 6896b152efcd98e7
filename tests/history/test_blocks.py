"""Blocks give back what was put in, bit for bit."""

import math

import numpy as np
from foghill.engine.history.blocks import BLOCK_STEPS, Block, Key, ascending, split, unpacked
from hypothesis import given, settings
from hypothesis import strategies as st


def filled(steps: list[int], values: list[float]) -> Block:
    block = Block(Key(0, steps[0] // BLOCK_STEPS, "loss"))
    block.append(np.array(steps), np.array(values))
    return block


@settings(print_blob=True)
@given(
    st.dictionaries(st.integers(0, BLOCK_STEPS - 1), st.floats(allow_nan=True), min_size=1),
    st.integers(0, 10**12),
)
def test_packing_keeps_every_bit(content: dict[int, float], number: int) -> None:
    steps = [number * BLOCK_STEPS + step for step in sorted(content)]
    values = np.array([content[step] for step in sorted(content)])
    got_steps, got_values = unpacked(*filled(steps, values.tolist()).packed())
    assert got_steps.tolist() == steps
    assert got_values.tobytes() == values.tobytes()


def test_steps_without_a_gap_are_not_stored() -> None:
    assert filled([5, 6, 7], [1.0, 2.0, 3.0]).packed()[1] is None
    assert filled([5, 7], [1.0, 2.0]).packed()[1] is not None


def test_a_block_grows_with_what_is_put_in() -> None:
    block = filled([0], [0.0])
    for step in range(1, BLOCK_STEPS):
        assert not block.complete
        block.append(np.array([step]), np.array([float(step)]))
    assert block.complete
    assert block.content()[1].tolist() == list(map(float, range(BLOCK_STEPS)))


def test_the_last_value_can_be_replaced() -> None:
    block = filled([3, 4], [1.0, math.nan])
    block.append(np.array([4, 5]), np.array([2.0, 3.0]))
    steps, values = block.content()
    assert (steps.tolist(), values.tolist()) == ([3, 4, 5], [1.0, 2.0, 3.0])
    assert block.unsaved
    block.saved = block.changes
    assert not block.unsaved


def test_split_cuts_at_the_borders_of_blocks() -> None:
    steps = np.array([4094, 4095, 4096, 20_000])
    pieces = [(n, s.tolist(), v.tolist()) for n, s, v in split(steps, steps * 1.0)]
    assert pieces == [
        (0, [4094, 4095], [4094.0, 4095.0]),
        (1, [4096], [4096.0]),
        (4, [20_000], [20_000.0]),
    ]


@settings(print_blob=True)
@given(st.lists(st.tuples(st.integers(0, 20), st.floats(0, 1)), min_size=1))
def test_ascending_keeps_the_last_value_of_each_step(pairs: list[tuple[int, float]]) -> None:
    steps, values = ascending(np.array([s for s, _ in pairs]), np.array([v for _, v in pairs]))
    assert dict(zip(steps.tolist(), values.tolist(), strict=True)) == dict(pairs)
    assert steps.tolist() == sorted(dict(pairs))
