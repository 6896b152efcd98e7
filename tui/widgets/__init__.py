"""Panels and pictures: one file each, the twins of `engine/views/`."""
