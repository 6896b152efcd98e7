"""What to learn: a Python file, a lesson or a table; and the knobs it declares.

Loads and calls the user's code. Knows nothing of how it is trained.
"""
