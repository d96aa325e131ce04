"""What an agent says and looks up: talk scripts with blanks, and articles that are found by their words."""
