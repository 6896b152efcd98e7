"""The coach: says what it sees of a training, from which numbers, and what would help.

`coach.Coach` is what others use · `evidence` all that a verdict goes by · `losses`, `look`,
`trial`, `signal` where that comes from (`copies`, `curvature` beneath) · `verdicts`, `rates` what
is seen · `remedies` what would help · `words` how it is said.
"""
