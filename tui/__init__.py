"""The screen: Textual and plotext, no torch. It may die at any time; the engine goes on."""
