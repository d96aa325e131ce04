"""SIP over WebSocket between a page and the switch: what a page may say, and the way to the switch."""
