check {} --target x86_64
