explain --target x86_64 parts/web.gate opn
