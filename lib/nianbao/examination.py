"""
What is wrong with a report's data and sentences, without running its notebook: what `nianbao check` prints.

Figures and rules need no kernel, plot or frame, and nothing that needs one is imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import sources
from .document import Document
from .report import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .form import Form
    from .project import Project


def examine(project: Project, unit: str, year: str, forms: Mapping[str, Form]) -> Document:
    """
    Return the report of *unit* for *year* with all findings, those of its notebook's sentences included, without running it.

    Raises:
        InvalidInputError: where parameters or notebook cannot be used.
    """
    folder = project.params(unit, year)
    document = Document(load(folder, f"params/{unit}/{year}", forms))
    path = project.notebook(document.form.notebook)
    document.take_up(sources.lint(sources.read(path), f"notebooks/{path.name}", document))
    return document
