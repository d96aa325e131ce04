"""Classes: the only place where simulator, scenarios and telephony meet."""
