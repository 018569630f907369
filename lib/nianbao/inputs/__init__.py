"""A folder of parameters becomes one `AnnualReport`, with all problems told at once."""
