"""How Sphinx makes the site out of what lessons/publish.py has put beside this file."""

import inspect
import re

from docutils.nodes import SkipNode
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

from minigrad.op import Fused, Op

logger = logging.getLogger(__name__)

project = "minigrad"
author = "the minigrad authors"
copyright = "the minigrad authors, MIT licence"
extensions = ["myst_nb", "sphinx_design", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
root_doc = "index"
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".rst": "restructuredtext"}
exclude_patterns = ["files", "results"]

nb_execution_mode = "cache"
nb_execution_timeout = 900
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_render_markdown_format = "gfm"

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
html_math_renderer = "mathml"

html_theme = "furo"
html_title = "minigrad"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True

SPECIAL = re.compile(r"(?<!\\)([*|\\]|`|_(?=\W|$))")
CODE = re.compile(r"`([^`]+)`")


def plain(app, what, name, obj, options, lines):
    """The docstrings are text to read in an editor: here words stay words, and what is indented stays as it is."""
    if what == "data":  # of a constant autodoc shows what its class says of itself
        lines.clear()
        return
    text, out, literal = inspect.cleandoc("\n".join(lines)).split("\n"), [], False
    for line in text:
        indented = line.startswith("    ") or line.startswith(">>>")
        if indented and not literal:
            out += ["", "::", ""]
        elif literal and not indented and line.strip():
            out += [""]
        literal = indented or (literal and not line.strip())
        out.append(("    " + line if line.strip() else "") if literal else words(line))
    lines[:] = out


def words(line):
    """One line of prose as reStructuredText: `code` as code, everything else as it stands."""
    parts = CODE.split(line)
    return "".join(f"``{part}``" if i % 2 else SPECIAL.sub(r"\\\1", part) for i, part in enumerate(parts))


def signature(app, what, name, obj, options, text, result):
    """Of an op, the signature of the function that it was made from."""
    if isinstance(obj, (Op, Fused)):
        return str(inspect.signature(obj.forward)).replace("'", ""), result
    return text, result


def formula(writer, node, block):
    """A formula as MathML, which browsers draw themselves; what it does not know is a warning, and so an error."""
    mathml = text = node.astext().replace(r"\dots", r"\ldots")
    try:
        mathml = tex2mathml(text, as_block=block)
    except MathError as error:
        logger.warning("%s in %s", error, text, location=node)
    writer.body.append(f'<div class="formula">{mathml}</div>' if block else mathml)
    raise SkipNode


def inline_formula(writer, node):
    formula(writer, node, block=False)


def block_formula(writer, node):
    formula(writer, node, block=True)


def setup(app):
    app.connect("autodoc-process-docstring", plain)
    app.connect("autodoc-process-signature", signature)
    app.add_html_math_renderer("mathml", (inline_formula, None), (block_formula, None))
