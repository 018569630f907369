"""A report while it is written: `maker` makes it again at each save and is for the command line, `server` shows it to a browser."""
