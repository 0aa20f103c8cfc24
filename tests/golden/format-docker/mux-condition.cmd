check {} --target x86_64,i386
