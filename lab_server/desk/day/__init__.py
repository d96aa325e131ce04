"""An agent's day: calls, figures, call-backs, mailbox, colleagues, announcements."""
