"""One typed door to the floor for the desk, the supervisor's page and outside programs.

A command is a frozen model (`commands`); `rules` says which right it needs and which function does it; `door` checks
the actor's role, has it done and answers with a stable error id. Nothing has changed after a refusal.
"""
