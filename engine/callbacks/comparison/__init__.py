"""Replicas trained beside the run from one start, with other knobs; and the rate finder."""
