"""The languages of the services. One kind of destination a file."""
