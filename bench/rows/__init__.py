"""One module for each row of the table, or group of rows that share a measurement."""
