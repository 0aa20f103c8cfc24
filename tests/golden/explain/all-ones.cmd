explain --target x86_64 parts/web.gate 0xffffffff
