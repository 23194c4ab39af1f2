"""The log of the HTTP servers' protocol itself, without what strangers can fill it with."""

import logging

from aiohttp.http_exceptions import HttpProcessingError


def protocol_log(name: str) -> logging.Logger:
    """For `aiohttp.web`: it logs a traceback for each request that is not HTTP and each sender that goes away."""
    logger = logging.getLogger(name)
    logger.addFilter(_is_ours)
    return logger


def _is_ours(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError | ConnectionError))
