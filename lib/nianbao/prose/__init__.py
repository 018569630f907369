"""
Markdown with placeholders becomes blocks.

`language` renders a passage and is for everyone, as is `lint`, which says what is wrong with one as typed; `names` has what a placeholder
may name, `markdown` what is left when the placeholders have gone.
"""
