"""`python -m bench.empty`: a Textual app with nothing in it, to compare the first frame with."""

from textual.app import App

if __name__ == "__main__":
    App[None]().run()
