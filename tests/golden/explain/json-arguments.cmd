explain --target x86_64 parts/small.json personality
