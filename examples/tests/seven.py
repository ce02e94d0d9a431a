result = 3 + 4
