inspect --caps ffffffffffffffff
