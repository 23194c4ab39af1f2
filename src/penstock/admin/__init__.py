"""What the daemon tells about itself over HTTP: metrics, health, status."""
