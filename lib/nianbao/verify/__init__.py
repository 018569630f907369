"""A report held against its manifest, or made twice (`project`), or a file against itself (`file`); `verdict` is what comes of either."""
