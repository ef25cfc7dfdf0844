"""How a report is written: one module a format. All are pure functions from a report, whose names are those to be shown."""
