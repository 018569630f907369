"""
A process that has imported what builds need, so that its forked children need not: nothing is built here.

What is imported must leave no thread, no open socket and no state of a report behind; every child begins from the same parent.
"""

from __future__ import annotations

import gc
import importlib
import os

from . import execute, manifest, notebookfile, typeface, webfont

# What a build imports where it needs it. Not `matplotlib_inline.backend_inline`, which configures itself at import, nor pyplot,
# which chooses a backend: drawings go through figures of their own.
MODULES = (
    "fontTools.ttLib",
    "ipykernel.zmqshell",
    "jinja2.ext",
    "lxml.html",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "nbclient",
    "nianbao.build",
    "nianbao.exporters",
    "nianbao.forkedengine",
    "nianbao.notebookshell",
    "nianbao.project",
    "nianbao.wordpage",
    "nianbao.workbook.reporting",
    "papermill.execute",
    "pikepdf",
    "pypdfium2",
    "tqdm.auto",
    "typst",
    "uharfbuzz",
)


def preload() -> None:
    """Import what builds need, and set this process ready to be forked; it must have one thread only."""
    # Threads of a numerical library would not live on in a child; one report a process keeps each processor busy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # As a notebook's process has it, where matplotlib asks for it at import.
    os.environ["MPLBACKEND"] = execute.BACKEND
    with notebookfile.addresses_on_demand():
        for name in MODULES:
            importlib.import_module(name)
    # What every build asks of the library itself, and of its faces.
    manifest.library()
    manifest.environment()
    typeface.uncovered("0")
    typeface.for_typst()
    # A face that is cut and written loads the readers of its parts; fontTools has a module for each part.
    for family, faces in typeface.EMBEDDED.items():
        for file, weight in faces:
            webfont.face(family, file, weight, "0")
    # What stays for good is not looked through again, so children share its pages with this process.
    gc.collect()
    gc.freeze()
