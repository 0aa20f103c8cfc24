compile x --to elf
