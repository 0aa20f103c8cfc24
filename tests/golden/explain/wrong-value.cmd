explain --target x86_64 parts/web.gate 'socket(O_RDWR)'
