run --dry-run {} -- /no/such/command
