explain --target x86_64 {}
