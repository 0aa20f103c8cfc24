compile {} --to asm >/dev/full
