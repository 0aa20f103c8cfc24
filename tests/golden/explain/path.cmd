explain --target x86_64 --path parts/web.gate mkdir
