"""Customers' records: found, edited by two at once, deleted and brought back, merged, imported and exported."""
