"""
What a notebook holds in its hand: a report with its figures, its tables and its charts.

`document` is for whoever reads a report, `Opened` in it for other papers that a notebook opens; `charts` draws.
"""
