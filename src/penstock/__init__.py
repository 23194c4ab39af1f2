"""Penstock: a log-streaming daemon that loses nothing and hides nothing."""

from importlib.metadata import version

__version__ = version("penstock")
