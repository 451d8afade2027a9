"""The numbered lessons: percent scripts that a student runs top to bottom. `python -m lessons list` shows them."""
