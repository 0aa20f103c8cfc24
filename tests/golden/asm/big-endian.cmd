compile --target s390x --to asm {}
