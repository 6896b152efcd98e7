"""The lessons: experiments that ship with Foghill, each a plain file that says what to try."""
