"""A run as a plain PyTorch script that prints the same losses. `export` is what others use.

`source`, `names` what of the user's file is needed · `data`, `batches`, `table` where examples come
from · `loop` a step · `weights` a file it began with · `journal` what was turned on the way ·
`words` how all of it is written.
"""
