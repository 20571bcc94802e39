"""The rules that stop an activity. Pure."""
