"""Text taken apart: one module for each format that logs are written in. Pure: text in, fields out."""
