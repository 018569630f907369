"""Processes: a copy of this one for a notebook, and a pool for many jobs."""
