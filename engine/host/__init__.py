"""One engine as one process: it serves a run or carries it in the foreground, and it ends well.

The top layer: it puts the parts together, handles signals and writes to standard output.
"""
