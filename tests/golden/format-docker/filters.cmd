check {} --target x86_64 --kernel 6.1 --caps docker
