"""Sizes that make sense, or an error that says which does not. Imports the standard library only."""

from __future__ import annotations

import operator


def checked_sizes(task: str, **sizes: tuple[int, int]) -> list[int]:
    """The sizes as integers; each comes with the least that makes sense. ValueError names the first that is less.

    >>> checked_sizes("dates", count=(3, 1))
    [3]
    """
    for name, (size, least) in sizes.items():
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < least:
            raise ValueError(f"{task}: {name} must be an integer of at least {least}, not {size!r}")
    return [operator.index(size) for size, _ in sizes.values()]
