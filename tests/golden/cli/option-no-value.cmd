compile x --target
