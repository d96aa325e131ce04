"""The way in: signing in and out, the seat, the first password, the own profile."""
