"""Engines to measure: driven, compared with the bare loop, watched, and gone afterwards."""

import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from foghill.engine.protocol.commands import Pause
from foghill.engine.runs import catalog

from bench import engine_speed, first_frame
from bench.at_rest import busy_percent
from bench.curve_cost import frame_seconds
from bench.engines import Engine, TurnsEngine, own_home
from bench.footprint import MIB, cpu_seconds, resident_bytes
from bench.latency import latencies
from bench.networks import NETWORKS, Network
from bench.watchers import watching


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.title)
def test_the_bare_loop_computes_the_engines_numbers(network: Network) -> None:
    with own_home(), TurnsEngine(network) as engine:
        engine_speed.check_same(engine)
        for figure in engine_speed.ratios("alone", engine, 1.0, 0.0):
            assert figure.met


@pytest.mark.slow
def test_an_engine_is_measured_and_leaves_nothing_behind() -> None:
    before = os.environ.get("FOGHILL_HOME")
    with own_home(), Engine(NETWORKS[0].experiment) as engine:
        directory = engine.directory
        engine.step_to(200)
        assert engine.order(Pause()).step == 200
        assert 0 < frame_seconds(engine, 100) < 10
        with watching(engine.socket, 3):
            taken = latencies(engine, 5)
        assert len(taken) == 5
        assert min(taken) > 0
        assert 50 * MIB < resident_bytes(engine.pid) < 4000 * MIB
        assert cpu_seconds(engine.pid) > 0
        assert len(busy_percent(0.1, engine.pid)) == 1
        assert [run.life for run in catalog.runs()] == ["alive"]
    assert engine.process.returncode is not None
    assert not directory.exists()
    assert os.environ.get("FOGHILL_HOME") == before


@pytest.mark.slow
def test_the_screen_and_the_empty_app_are_both_painted() -> None:
    with own_home():
        frame, complete = first_frame.frames(("-m", "foghill.tui"), ("parabola",))
        empty, _ = first_frame.frames(first_frame.EMPTY, ())
    assert 0 < frame <= complete
    assert empty > 0


@pytest.mark.slow
def test_what_the_engine_refuses_is_an_error() -> None:
    with own_home(), pytest.raises(RuntimeError, match="no_such_knob"):
        Engine(NETWORKS[0].experiment, {"no_such_knob": "1"})
