"""What each `tanhui` command does, one module a command; cli.py puts them together."""
