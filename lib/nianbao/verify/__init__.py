"""A report held against its manifest, or a file against itself."""
