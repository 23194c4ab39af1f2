"""Sends a request and brings back what came of it."""
