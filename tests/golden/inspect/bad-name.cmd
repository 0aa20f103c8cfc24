inspect 'no/such'
