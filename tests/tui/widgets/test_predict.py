"""`foghill predict`: answers from a living run, and a clear word where there is none."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import served
from fake_engine import make_run
from foghill.engine.protocol.client import Client
from foghill.engine.runs.catalog import RunSpec
from foghill.tui.__main__ import main

HOUSES = ["rooms,city,price"]
HOUSES += [f"{i % 9},{'Bonn' if i % 2 else 'Köln'},{i % 9 + i / 90}" for i in range(60)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def houses(home: Path) -> Iterator[tuple[RunSpec, Client]]:
    (home / "houses.csv").write_text("\n".join(HOUSES))
    with served("houses.csv", target="price") as made:
        yield made


@pytest.mark.slow
@pytest.mark.usefixtures("houses")
def test_rows_numbers_words_and_examples(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "houses", "--count", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all("price = " in line and "data say" in line for line in lines)
    rows = ["city,rooms", *(f"Köln,{i % 9}" for i in range(40))]
    (home / "new.csv").write_text("\n".join(rows))
    assert main(["predict", "houses", "new.csv", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["row"] for one in found] == list(range(1, 41))
    assert found[0]["values"] == found[9]["values"] != found[1]["values"]
    assert len({one["weights"] for one in found}) == 1
    assert main(["predict", "houses", "3", "Köln"]) == 0
    assert capsys.readouterr().out.split("price = ")[1].strip() == f"{found[3]['values'][0]:.4g}"
    (home / "plain.csv").write_text("3,Köln\n1,Bonn\n")
    assert main(["predict", "houses", "plain.csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    for what, sentence in (
        (["3", "Berlin"], "city takes Bonn, Köln"),
        (["3"], "2 to type (rooms, city), not 1"),
        (["no.csv"], "cannot be read"),
    ):
        assert main(["predict", "houses", *what]) == 2
        assert sentence in capsys.readouterr().err
    (home / "bad.csv").write_text("rooms,city\n1,Bonn\nmany,Bonn\n2,Rom\n3,Bonn\n")
    assert main(["predict", "houses", "bad.csv"]) == 1
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["1", "4"]
    assert "bad.csv, row 2: rooms takes a number, not 'many'" in err
    assert "bad.csv, row 3: city takes Bonn, Köln, not 'Rom'" in err


@pytest.mark.usefixtures("home")
def test_a_dead_run_says_how_to_bring_its_model_back(capsys: pytest.CaptureFixture[str]) -> None:
    make_run("ball")
    assert main(["predict", "ball"]) == 2
    said = capsys.readouterr().err
    assert "ball died without a word, and its model with it" in said
    assert "--headless --save FILE): foghill run ball.py --weights FILE" in said


@pytest.mark.slow
def test_missing_numbers_extra_columns_and_another_order_are_as_in_training(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "gaps.csv").write_text("\n".join([HOUSES[0], ",Bonn,3", "NA,Köln,2", *HOUSES[1:]]))
    with served("gaps.csv", target="price", settings={"valid": "0"}):
        assert main(["predict", "gaps", "--count", "2", "--json"]) == 0
        examples = [json.loads(line)["values"] for line in capsys.readouterr().out.splitlines()]
        (home / "new.csv").write_text("price,city,who,rooms\n3,Bonn,ann,NA\n2,Köln,bob,\n")
        assert main(["predict", "gaps", "new.csv", "--json"]) == 0
        out, err = capsys.readouterr()
        assert [json.loads(line)["values"] for line in out.splitlines()] == [
            pytest.approx(one, rel=1e-5) for one in examples
        ]
        filler = "missing numbers filled in as in training, with the mean"
        assert err == f"foghill: new.csv: {filler}: 2 of rooms\n"
