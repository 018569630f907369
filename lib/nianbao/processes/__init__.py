"""Other processes: `fork` copies this one and talks to the copy, for notebooks; `pool` runs many jobs, each in a copy with a limit."""
