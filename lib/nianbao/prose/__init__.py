"""Markdown with placeholders becomes blocks."""
