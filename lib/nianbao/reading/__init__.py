"""
What others wrote, read; it judges nothing.

For whoever has a file: `files.read` gives the lines of a text, page, Word document or PDF, by one module a kind (`html`, `docx`, `pdf`);
`xlsx.read` gives the cells of a workbook, and `tables` finds in them a table of the form by its labels.
For whoever has lines: `lines` cuts them into sentences, clauses and paragraphs, and `numbers` reads the numbers in them.
For whoever asks what a number is about: `binding.Binder`, which stands on `names` (what rows and columns are called, and their cells)
and `context` (what a paragraph has said so far).
"""
