"""The desk: the page a student looks at all day. The phone, the caller, the form, the queue."""
