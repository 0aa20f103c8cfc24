compile --to asm {}
