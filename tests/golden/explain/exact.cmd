explain --target x86_64,i386 parts/web.gate 'socket(AF_INET, SOCK_RAW, 0)'
