run --memory 256 --pids '1;x' --keep chown_all --network veth,speed=1 --hostname a --hostname b - -- true <{}
