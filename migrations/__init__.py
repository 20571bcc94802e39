"""The schema, revision by revision. `tanhui migrate` applies them; `make revision` writes the next one."""
