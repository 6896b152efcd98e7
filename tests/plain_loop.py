"""The loop everybody writes, as a script: prints the loss of each step in full precision.

`python plain_loop.py BATCH_SIZE OPTIMIZER STEPS THREADS` for the experiment that stands beside it
as `mine.py`, with nothing of Foghill imported.
"""

import sys

import mine
import torch

size, name, steps, threads = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)


def order(seed: int, epoch: int, n: int) -> torch.Tensor:
    return torch.randperm(n, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))


torch.manual_seed(0)
x, y = mine.data()
torch.manual_seed(0)
model = mine.model()
optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[name](model.parameters(), lr=0.01)
losses, epoch = [], 0
while len(losses) < steps:
    batches = order(0, epoch, len(x)).split(size) if size < len(x) else (slice(None),)
    for batch in batches:
        loss = torch.nn.functional.mse_loss(model(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    epoch += 1
print(*map(repr, losses[:steps]), sep="\n")
