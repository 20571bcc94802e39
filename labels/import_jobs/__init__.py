"""Files that partners and staff hand in: kept with the database until a worker has gone through every row of them."""
