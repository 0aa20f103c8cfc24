compile x --target x86_46
