"""The real web process for benches, with a full database behind it and somebody signed in before it.

`empty` is what it is measured beside: an application of one page and one stream that say nothing.
"""
