"""The log of the HTTP servers' protocol itself, without what strangers can fill it with."""

import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError


def protocol_log(name: str) -> logging.Logger:
    """For `aiohttp.web`, which logs a traceback for each request that is not HTTP and each sender that goes away.

    A body that is not what its head says is such a request too.
    """
    logger = logging.getLogger(name)
    logger.addFilter(_is_ours)
    return logger


def _is_ours(record: logging.LogRecord) -> bool:
    strangers = HttpProcessingError | ConnectionError | web.RequestPayloadError
    return not (record.exc_info and isinstance(record.exc_info[1], strangers))
