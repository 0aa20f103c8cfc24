run {} -- /etc/passwd
