"""What happens to events on their way to one destination: queue, batches, retries, dead letters, ledger."""
