check --caps CAP_FLY x
