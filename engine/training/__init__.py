"""One training: loop, optimizer, losses, batches, validation, checkpoint, weights.

Read `loop.py` first. Knows nothing of clients, screens or disks, except files of weights that a
person asks for.
"""
