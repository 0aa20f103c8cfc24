fmt --check --write x
