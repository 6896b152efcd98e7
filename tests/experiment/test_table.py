"""A table as an experiment: what is read, how it is split and scaled, and what is refused."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from foghill.engine.experiment.experiment import Experiment, UserError, load
from foghill.engine.runs.directory import RunSpec

HOUSES = "rooms,area,garden,color,price\n"


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def houses(rows: int = 60) -> str:
    draw = random.Random(0)
    lines: list[str] = []
    for _ in range(rows):
        rooms, area = draw.randint(1, 6), draw.uniform(30, 200)
        color, garden = draw.choice(["red", "blue", "green"]), draw.choice(["yes", "no"])
        price = 1000 * area + 5000 * rooms + draw.gauss(0, 100)
        lines.append(f"{rooms},{area:.2f},{garden},{color},{price:.1f}")
    return HOUSES + "\n".join(lines) + "\n"


def table(path: Path, text: str | bytes, target: str, **settings: str) -> Experiment:
    file = path / "houses.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(
        RunSpec(
            name="houses",
            directory=str(path),
            experiment="houses.csv",
            kind="table",
            path=str(file),
            target=target,
            settings=settings,
        )
    )


def test_regression(tmp_path: Path):
    experiment = table(tmp_path, houses(), "price")
    (x, y), (held_x, held_y) = experiment.call("data")
    assert x.shape == (48, 6)
    assert held_x.shape == (12, 6)
    assert x.dtype == y.dtype == torch.float32
    assert y.shape == (48,)
    assert held_y.shape == (12,)
    assert experiment.names.x == (
        "rooms",
        "area",
        "garden",
        "color=blue",
        "color=green",
        "color=red",
    )
    assert experiment.call("model")(x).shape == (48, 1)


def test_numbers_are_standardised_by_the_training_rows(tmp_path: Path):
    experiment = table(tmp_path, houses(), "price")
    (x, y), (held_x, _) = experiment.call("data")
    assert torch.allclose(x[:, :3].mean(0), torch.zeros(3), atol=1e-5)
    assert torch.allclose(x[:, :3].std(0, unbiased=False), torch.ones(3), atol=1e-5)
    assert not torch.allclose(held_x[:, :3].mean(0), torch.zeros(3), atol=1e-3)
    assert abs(y.mean().item()) < 1e-5
    assert set(x[:, 3:].unique().tolist()) == {0.0, 1.0}


def test_the_target_is_shown_in_its_own_unit(tmp_path: Path):
    text = houses()
    experiment = table(tmp_path, text, "price")
    (_, y), (_, held_y) = experiment.call("data")
    names = experiment.names
    prices = sorted(float(line.split(",")[-1]) for line in text.splitlines()[1:])
    shown = sorted((torch.cat([y, held_y]).double() * names.scale + names.offset).tolist())
    assert shown == pytest.approx(prices, rel=1e-4)


def test_the_split_is_the_one_every_run_makes(tmp_path: Path):
    text = "x,y\n" + "".join(f"{i},{i}.5\n" for i in range(40))
    experiment = table(tmp_path, text, "y", seed="7")
    _, (held_x, _) = experiment.call("data")
    drawn = torch.randperm(40, generator=torch.Generator().manual_seed(7 * 1_000_003 - 1))
    expected = sorted(drawn[:8].tolist())
    (x, _), _ = experiment.call("data")
    step = (x[1:] - x[:-1]).min()  # one row on in the table
    found = ((held_x - x.min()) / step).round().flatten()
    rows = sorted(set(range(40)) - set(expected))
    assert [int(i) + rows[0] for i in found.tolist()] == expected


def test_data_seed_decides_the_split_and_follows_seed_unless_set(tmp_path: Path):
    def held_out(**settings: str) -> torch.Tensor:
        return table(tmp_path, houses(), "price", **settings).call("data")[1][1]

    assert torch.equal(held_out(seed="3"), held_out(seed="5", data_seed="3"))
    assert not torch.equal(held_out(seed="3"), held_out(seed="4"))


def test_valid_0_holds_nothing_out(tmp_path: Path):
    train, held_out = table(tmp_path, houses(), "price", valid="0").call("data")
    assert len(train[0]) == 60
    assert held_out is None


def test_classification(tmp_path: Path):
    experiment = table(tmp_path, houses(), "color")
    (x, y), _ = experiment.call("data")
    assert experiment.names.classes == ("blue", "green", "red")
    assert y.dtype == torch.int64
    assert experiment.call("model")(x).shape == (48, 3)


def test_missing_values_are_filled_with_the_training_mean_and_reported(tmp_path: Path):
    text = "a,b,y\n" + "".join(f"{i if i % 4 else ''},{i % 5},{i}.5\n" for i in range(40))
    text += "1,2,\n3,4,NA\n"
    experiment = table(tmp_path, text, "y")
    (x, _), _ = experiment.call("data")
    assert torch.isfinite(x).all()
    assert experiment.notes == [
        "left out 2 rows without y",
        "a: 10 missing values filled in with the mean",
    ]
    assert (x[:, 0] == 0).sum() > 3


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(tmp_path: Path, delimiter: str):
    text = "\ufeff" + houses().replace(",", delimiter)
    assert "area" in table(tmp_path, text, "price").names.x


def test_quotes_and_line_ends(tmp_path: Path):
    text = '"a","b, c",y\r\n' + "".join(f'"{i}","x, {i % 2}",{i}.5\r\n' for i in range(8)) + "\r\n"
    experiment = table(tmp_path, text, "y")
    assert experiment.names.x == ("a", "b, c=x, 0", "b, c=x, 1")


def test_knobs_of_the_model(tmp_path: Path):
    experiment = table(tmp_path, houses(), "price", layers="0")
    assert len(experiment.call("model")) == 1
    assert experiment.knobs["layers"].default == 2
    experiment.values.update(layers=3, width=5, activation="tanh")
    assert len(experiment.call("model")) == 7


@pytest.mark.parametrize(
    ("text", "target", "sentence"),
    [
        ("", "price", "houses.csv is empty"),
        ("\n\n", "price", "houses.csv is empty"),
        (HOUSES, "price", "has column names but no rows"),
        (houses(), "prize", "has no column 'prize'; did you mean price?"),
        ("a,b\n1,2\n3\n", "a", "line 3 has 1 field but the first line has 2 column names"),
        ("a,a\n1,2\n", "a", "two columns called a"),
        ("a,b\n1,2\n3,\n", "b", "1 rows with b"),
        ("a,b\n1,2\n3,2\n", "b", "b has the same value in every row"),
        ("b\n1.5\n2.5\n", "b", "no column to predict b from"),
        (b"a,b\n\xff\xfe,2\n", "b", "is not UTF-8 text"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_one_sentence(
    tmp_path: Path, text: str | bytes, target: str, sentence: str
):
    with pytest.raises(UserError) as refused:
        table(tmp_path, text, target)
    problem = refused.value.problem
    assert sentence in problem.sentence
    assert "\n" not in problem.sentence
    assert problem.before_first_step


def test_it_learns(tmp_path: Path):
    torch.manual_seed(0)
    experiment = table(tmp_path, houses(200), "price")
    (x, y), (held_x, held_y) = experiment.call("data")
    model = experiment.call("model")
    optimizer = torch.optim.Adam(model.parameters(), lr=float(experiment.values["lr"]))
    for _ in range(60):
        for rows in torch.randperm(len(y)).split(32):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(x[rows]).reshape(-1), y[rows]).backward()
            optimizer.step()
    error = ((model(held_x).reshape(-1) - held_y) ** 2).mean() / held_y.var(unbiased=False)
    assert error.item() < 0.1
