explain --target x86_64,i386 parts/web.gate socket
