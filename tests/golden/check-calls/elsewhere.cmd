test --target aarch64 {}
