test --run {}
