"""A seat for you: the guest of a demonstration, one virtual caller by a button, and the scorecard afterwards."""
