"""The catalogue with its stock, and orders on their way."""
