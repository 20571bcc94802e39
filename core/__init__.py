"""What every part stands on: settings, the database door, the clock, ids and the embedded servers. No domain words."""
