"""
A form as an Excel workbook in its official grid: to fill in, to read back, and with a report's exact values.

`layout` says where everything stands and knows no library for workbooks; the modules that write one know XlsxWriter, those that read
one know openpyxl. No rule of a form stands here: rules are read off the form.
"""
