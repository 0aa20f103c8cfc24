explain --target x86_64 {} mprotect
