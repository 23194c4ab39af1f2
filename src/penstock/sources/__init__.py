"""Bytes from a socket, file or pipe into blocks: framing and decoding. One kind of source a file."""
