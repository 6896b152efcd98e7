"""Read handwritten digits

See
  1,797 digits that people wrote, 8 by 8 pixels each. The network sees 64 grey values and
  gives ten scores, one for each digit; it starts as a guess (10 % right) and passes 90 % on
  digits it never saw within a few hundred steps. The gallery shows what it reads, the
  confusion matrix which digits it takes for which: the diagonal fills.

Try
  1. Press space. Which digits does it learn first, which does it mix up longest?
  2. Page through the gallery for mistakes. Could you have read those?
  3. Set architecture to conv: it looks at patches of 3 by 3 pixels, the same all over.
  4. Set width to 4, then 256. What changes, train or validation?
  5. Set dropout to 0.5: training gets harder. And validation?
  6. Set valid to 0.9: learn from 180 digits alone.

Read
  LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document
  recognition (1998).
  The digits: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI (1998).
"""

import gzip
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from torch import Tensor, nn

settings = {
    "optimizer": "adam",
    "lr": 5e-3,
    "batch_size": 64,
    "valid": 0.2,
    "stop": "step>=600",
    "threads": 1,
}
names = {"x": ["pixels"], "y": "digit", "classes": [str(digit) for digit in range(10)]}
FILE = Path(__file__).parent.parent / "data" / "digits.csv.gz"


def data() -> tuple[Tensor, Tensor]:
    """Grey values 0 to 1 [1797, 1, 8, 8] and digits [1797]."""
    with gzip.open(FILE, "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.float32)
    pixels = torch.from_numpy(table[:, :64] / 16).reshape(-1, 1, 8, 8)
    return pixels, torch.from_numpy(table[:, 64].astype(np.int64))


def model(
    architecture: Literal["mlp", "conv"] = "mlp",
    width: Annotated[int, (1, 512), "log"] = 64,
    dropout: Annotated[float, (0.0, 0.9)] = 0.0,
) -> nn.Module:
    """Images [n, 1, 8, 8] to logits [n, 10]."""
    if architecture == "mlp":
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(64, width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(width, 10),
        )
    return nn.Sequential(
        nn.Conv2d(1, width // 4 + 1, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(width // 4 + 1, width // 2 + 1, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear((width // 2 + 1) * 16, 10),
    )
