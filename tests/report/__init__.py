"""Reports over what was recorded."""
