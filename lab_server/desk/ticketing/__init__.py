"""Tickets (工单) that travel between people until closed: categories, comments, attachments, history."""
