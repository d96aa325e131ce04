"""The desk: what people record about a contact. Plain functions over a session; robots and pages use the same ones."""
