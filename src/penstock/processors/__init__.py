"""Processors: events in, events out, a slice of a block at a time. A module with a settings model is a kind."""
