release /no/such/pin relative
