inspect --caps 1 1
