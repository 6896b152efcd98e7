"""The session: the one thread that touches model, optimizer and data, and what acts between steps.

Orders come in by the mailbox and are applied between two phases; pictures are painted here.
"""
