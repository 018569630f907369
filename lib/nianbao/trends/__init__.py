"""One unit over its years."""
