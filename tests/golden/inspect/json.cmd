inspect --json --caps 8000000000000401
