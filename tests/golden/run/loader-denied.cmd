run --dry-run {} -- true
