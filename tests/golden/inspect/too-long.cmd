inspect --caps 1ffffffffffffffff
