inspect --caps 00000000a80425fb
