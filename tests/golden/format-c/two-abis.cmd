compile --to c {}
