"""
The commands of `nianbao`, a module a kind: what is asked for, what is said. They are the only place that prints.

Work is done by the modules below, which return values.
"""
