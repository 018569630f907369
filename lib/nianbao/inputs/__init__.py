"""
A folder of parameters becomes one `AnnualReport`, with all problems told at once; and a folder for a new year is begun.

`report` reads a folder, `formfile` the forms, `project` says where folders are and `scaffold` what a new one holds: these are for
everyone. `yaml` has the shapes that files from outside must have, in YAML and JSON, and `tables` one table as a CSV file.
"""
