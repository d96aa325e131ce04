"""`/api/v1`: what the pages do, for programs. Typed models in and out; what is refused is `{error, message}`."""
