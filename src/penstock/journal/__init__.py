"""Writes blocks down, gives them back by sequence number, and forgets what every destination has."""
