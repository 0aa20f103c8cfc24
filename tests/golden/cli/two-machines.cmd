compile x --target x86_64,aarch64
