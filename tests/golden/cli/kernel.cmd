check --kernel six x
