"""Serialised label units: one label, one serial number, verifiable by whoever scans it and guessable by nobody.

A serial is not stored. It carries its series and, sealed under a key, its number within it, so that a series of a
million labels is one row, and checking a serial is a look-up by key and two hashes.
"""
