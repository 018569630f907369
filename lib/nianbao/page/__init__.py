"""What can stand on a page, and how each kind of page draws it: blocks, grids, HTML, Typst source, faces."""
