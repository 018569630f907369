"""
What builds import and read where they need it, beforehand: nothing is built here.

A process that does so is the one that others are forked from, so that they need not. It must leave no thread, no open socket and no
state of a report behind; every child begins from the same parent.
"""

from __future__ import annotations

import gc
import importlib
import os
from functools import cache

from . import charts, execute, formfile, manifest, notebookfile, typeface

# Not `matplotlib_inline.backend_inline`, which configures itself at import, nor pyplot, which chooses a backend: drawings go through
# figures of their own.
NOTEBOOK = (
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel.zmqshell",
    "jinja2.ext",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "nbclient",
    "nianbao.build",
    "nianbao.forkedengine",
    "nianbao.notebookshell",
    "nianbao.project",
    "papermill.execute",
    "tqdm.auto",
)
OUTPUTS = (
    "nianbao.exporters",
    "typst",
    "uharfbuzz",
    "fontTools.ttLib.sfnt",
    "pikepdf",
    "pypdfium2",
    "lxml.html",
    "nianbao.wordpage",
    "nianbao.workbook.reporting",
)


def preload() -> None:
    """Import what builds need, and set this process ready to be forked; it must have one thread only."""
    # Threads of a numerical library would not live on in a child; one report a process keeps each processor busy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # As a notebook's process has it, where matplotlib asks for it at import.
    os.environ["MPLBACKEND"] = execute.BACKEND
    with notebookfile.addresses_on_demand():
        for name in NOTEBOOK:
            importlib.import_module(name)
        for_outputs()
    formfile.shipped()
    # The first notebook has nbformat compile its schema.
    notebookfile.parsed(notebookfile.written(notebookfile.empty()))
    charts.rehearse()
    # What stays for good is not looked through again, so children share its pages with this process.
    gc.collect()
    gc.freeze()


@cache
def for_outputs() -> None:
    """Import what makes outputs of an executed notebook, and read what all of them use: the faces, and this library for the seal."""
    for name in OUTPUTS:
        importlib.import_module(name)
    manifest.library()
    manifest.environment()
    typeface.uncovered("0")
    typeface.for_typst()
