"""One module a kind of fact: what people type, read as what they mean, and compared with what was said."""
