"""One file for each noun; each has a `router` that stands in api.app.ROUTERS."""
