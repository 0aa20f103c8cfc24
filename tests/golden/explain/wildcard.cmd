explain --target x86_64 parts/web.gate 'openat(AT_FDCWD, _, O_RDWR|O_CLOEXEC)'
