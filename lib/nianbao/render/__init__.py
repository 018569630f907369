"""A notebook that was run becomes files."""

from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
