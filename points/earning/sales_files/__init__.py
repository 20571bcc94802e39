"""Files of sales and returns: the same lines as the API takes, by the hundred thousand, each told what became of it."""
