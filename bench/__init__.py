"""Figures of Foghill on this machine: `python -m bench` (ratios) and `python -m bench.promises`.

Each figure is a module with a `measure(quick)` that returns its rows; `table` prints and keeps
them in RESULTS.md. What they share: `engines` (an engine to drive), `bare` (the same loop in
plain PyTorch), `terminal` (a screen on a pseudo terminal), `watchers` (sockets that look on).
"""
