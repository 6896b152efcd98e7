"""How made-up examples are made up: anew each time, and printed so that a failure can be repeated.

Where CI is set they are the same each time, so that a change is judged by what it changes.
"""

import os

from hypothesis import settings

settings.register_profile("anew", print_blob=True, deadline=None)
settings.register_profile("the same", derandomize=True, deadline=None)
settings.load_profile("the same" if os.environ.get("CI") else "anew")
