"""What a notebook holds in its hand: a report with its figures, its tables and its charts."""
