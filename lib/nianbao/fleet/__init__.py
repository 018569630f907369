"""
Many reports: `batch` builds them on this machine, `cluster` on others, `index` shows what there is.

`remote` is what travels to another machine and back, and the process there that builds; only `cluster` asks it. `batch` and `cluster`
are for the command line, whose words about them are its own.
"""
