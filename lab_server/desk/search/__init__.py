"""Finding records by their words, in Chinese and English, on either database."""
