"""From a folder of parameters to outputs in their place: one pipeline, its gate and its seal."""
