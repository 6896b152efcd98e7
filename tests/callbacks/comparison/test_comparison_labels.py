"""Who is in a comparison, what they are called, and from when a try counts their steps."""

from pathlib import Path

from foghill.engine.protocol.commands import Compare, Restart, Set, Step
from sessions import LINE, Live, write

from callbacks.comparison.test_comparison import stands


def test_who_was_the_run_itself_is_there_again_once_it_is_not(tmp_path: Path):
    with Live(write(tmp_path), settings={"optimizer": "sgd"}) as live:
        live.ready()
        live.do(Compare(({"optimizer": "adam"}, {"optimizer": "adamw"})))
        compared: list[tuple[str, ...]] = []
        for name in ("adam", "adamw", "sgd"):
            live.do(Set({"optimizer": name}))
            live.do(Restart())
            compared.append(live.session.state.compared[1:])
        assert compared == [("adamw",), ("adam",), ("adam", "adamw")]


def test_labels_begin_with_what_differs(tmp_path: Path):
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Compare(({"weight_decay": 1.0, "lr": 0.2}, {"weight_decay": 1.0, "lr": 0.3})))
        assert live.session.state.compared[1:] == ("lr 0.2 decay 1", "lr 0.3 decay 1")


def test_a_try_of_replicas_counts_steps_from_the_comparison_on(tmp_path: Path):
    text = '"""Side by side\n\nTry\n  1. Compare. {replicas = 1 and step >= 4}\n"""\n' + LINE
    with Live(write(tmp_path, text)) as live:
        live.ready()
        live.do(Step("step", 6))
        stands(live, 6)
        live.do(Compare(({"lr": 0.2},)))
        live.do(Step("step", 3))
        assert not stands(live, 9).tries[0].done
        live.do(Step("step", 1))
        assert stands(live, 10).tries[0].done
