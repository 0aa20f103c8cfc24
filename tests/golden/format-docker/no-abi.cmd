compile {} --target x86_64 --stats
