"""Runs on disk and as processes: directories, lessons, listing, progress. No torch.

The screen may import this package, to list and start runs before any engine is up.
"""
