"""Forms that the school edits: what is asked, in which order, when, and what counts as an answer."""
