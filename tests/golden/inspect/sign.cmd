inspect --caps -1
