"""A table's script reads the table itself, and prints the same losses."""

import random
from pathlib import Path

import pytest
from scripted import exported, printed


def table(folder: Path) -> Path:
    """Words, missing cells, yes and no, whole numbers."""
    draw = random.Random(1)
    lines = ["id,city,rooms,area,garage,price,big,word"]
    for i in range(90):
        rooms, garage = draw.randint(1, 9), draw.choice(["yes", "no"])
        area = draw.choice([f"{draw.uniform(20, 200):.1f}", "?", "NA"])
        price = rooms * 10 + (5 if garage == "yes" else 0) + draw.random()
        city, word = draw.choice(["Bonn", "Köln", ""]), "hot" if price > 50 else "cold"
        cells = [i, city, rooms, area, garage, f"{price:.3f}", int(price > 50), word]
        lines.append(",".join(map(str, cells)))
    path = folder / "houses.csv"
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("target", ["price", "big", "word"])
def test_the_script_reads_what_the_run_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    path = table(tmp_path)
    runs = [
        exported(str(path), turned, 12, target=target)
        for turned in ([], [{"layers": 0, "valid": 0.0, "batch_size": 500}])
    ]
    assert printed([run.text for run in runs], tmp_path) == [run.losses for run in runs]
    assert str(path) in runs[0].text
    assert "the path stands below" in runs[0].text


def test_a_comma_may_be_a_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    path = tmp_path / "wide.csv"
    rows = [f"{i};{i / 8:.3f};{i % 7}" for i in range(40)]
    path.write_text("a;b;c\n" + "\n".join(rows).replace(".", ","))
    run = exported(str(path), [], 12, target="b")
    assert printed([run.text], tmp_path) == [run.losses]
    assert '.replace(",", ".")' in run.text
