"""Points that were earned while their budget was empty, and wait for it to be funded."""
