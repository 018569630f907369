"""
A form as an Excel workbook that people fill in: `write` makes it, `read` takes it back, `checks` says in it whether its rules hold.

Where everything stands is `page.grid`'s, how a workbook is written `render.worksheet`'s, how one is opened `reading.xlsx`'s. No rule
of a form stands here: rules are read off the form.
"""
