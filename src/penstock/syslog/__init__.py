"""Syslog messages taken apart: RFC 5424, RFC 3164 and what devices really send. Pure: text in, fields out."""
