"""The screens: picker, live, help, and the small questions."""
