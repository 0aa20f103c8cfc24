run {} -- no-such-command x
