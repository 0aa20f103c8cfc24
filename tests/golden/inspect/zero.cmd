inspect 0
