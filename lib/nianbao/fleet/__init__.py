"""Many reports: built in a pool or on a cluster, and told on one page."""
