"""What watches a training and measures of its own accord: trace, best, comparison, coach, hill.

Each is handed what it reads and never changes the training. None of them knows the session.
"""
