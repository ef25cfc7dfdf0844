"""What happened in a stretch of the past, reckoned from the history: one frozen value, which knows nothing of how it is shown."""
