"""What others wrote, read: files, tables, sentences, numbers, and the cells that a number can mean."""
