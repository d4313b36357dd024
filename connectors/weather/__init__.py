"""Weather: what was observed, what was forecast, and when each became known."""
