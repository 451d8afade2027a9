"""Writes `names.json`, the public names and parameters of a real CuPy wheel, for the stand-in beside it.

Run it with a Python that has the wheel installed (no GPU is needed): `python tests/standin/freeze_names.py`.
It imports CuPy and the standard library only.
"""

import inspect
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
PLACES = """cupy cupy.ndarray cupy.ufunc cupy.linalg cupy.random cupy.random.Generator cupy.fft cupyx
    cupy.cuda cupy.cuda.Device cupy.cuda.Stream cupy.cuda.runtime""".split()
# Names that a module resolves on first use, so that `dir` does not list them.
LAZY = {"cupy.random": ["Generator"]}


def parameters(function: Callable) -> list[str] | None:
    """Parameters in order as `a`, `axis=`, `*args`, `**kwargs`, or None where the wheel does not tell."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return from_docstring(function)
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    end = {True: "", False: "="}
    return [stars.get(p.kind, "") + p.name + end[p.default is p.empty] for p in found if p.name != "self"]


def from_docstring(function: Callable) -> list[str] | None:
    """Cython writes `_ndarray_base.sum(self, axis=None)` as the first line of a method's docstring."""
    match = re.match(r"[\w.]+\((.*?)\)", (function.__doc__ or "").partition("\n")[0])
    if match is None:
        return None
    words = [word.partition("=") for word in match[1].split(",") if word.strip()]  # `Py_ssize_t axis`, `out=None`
    found = [name.split()[-1] + equals for name, equals, _ in words]
    return [word for word in found if word not in ("self", "/", "*")]


def main() -> None:
    # A script's folder is first on the path, and this one holds the stand-in.
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != HERE]
    import cupy
    import cupyx

    names, known = {}, {}
    for place in PLACES:
        thing = {"cupy": cupy, "cupyx": cupyx}[place.partition(".")[0]]
        for part in place.split(".")[1:]:
            thing = getattr(thing, part)
        names[place] = sorted({*dir(thing), *LAZY.get(place, [])})
        for name in names[place]:
            value = getattr(thing, name)
            if name.startswith("_") or isinstance(value, (type, cupy.ufunc)) or not callable(value):
                continue
            if (found := parameters(value)) is not None:
                known[f"{place}.{name}"] = found
    frozen = {"version": cupy.__version__, "names": names, "parameters": known}
    text = json.dumps(frozen, sort_keys=True, separators=(",", ":"))
    target = HERE / "names.json"
    target.write_text(re.sub(r',("cupyx?\b[\w.]*":)', r",\n\1", text) + "\n")
    print(f"CuPy {cupy.__version__}: {sum(map(len, names.values()))} names, {len(known)} signatures -> {target}")


if __name__ == "__main__":
    main()
