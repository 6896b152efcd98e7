"""Networks as the engine sends them, for the tests of what draws them."""

from foghill.engine.protocol.pictures import Layer, Matrix, Network, Unit

SIDE = 4


def unit(layer: int, index: int, value: int = 60) -> Unit:
    left, right = bytes([127 - value]) * 2, bytes([127 + value]) * 2
    return Unit(layer, index, SIDE, SIDE, (left + right) * SIDE)


LAYERS = (
    Layer("0", "Features", "n×2", 0, mean=0.1, std=2.0),
    Layer("1", "Linear 2→3", "n×3", 9, 0.4, 0.2, 1.5, 0.01, -3.2, None),
    Layer("2", "ReLU", "n×3", 0, mean=0.6, std=0.8, dead=1 / 3),
    Layer("3", "Linear 3→1", "n×1", 4, 0.5, 0.3, 0.7, 0.2, -1.1),
    Layer("4", "Tanh", "n×1", 0, mean=0.2, std=0.5),
)
PLANAR = Network(
    layers=LAYERS,
    parameters=13,
    matrices=(
        Matrix("1.weight", [[1.0, -0.5], [0.25, 0.0], [-1.0, 0.5]], "1.bias", [0.1, -0.2, 0.3]),
        Matrix("3.weight", [[2.0, -1.0, 0.5]], "3.bias", [-0.4]),
    ),
    columns=(("X1", "X2"), ("1", "2", "3"), ("output",)),
    units=tuple(
        unit(layer, index) for layer, count in enumerate((2, 3, 1)) for index in range(count)
    ),
)
LARGE = Network(
    layers=tuple(
        Layer(f"block{i}.conv", "Conv2d 64→64 3×3", "n×64×8×8", 36928, 0.02, 0.0, 1.0, 0.1, -3.0)
        for i in range(40)
    ),
    parameters=1_477_120,
    frozen=36_928,
)
