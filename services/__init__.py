"""The services of the district, each independent of the others; `graph` knows who talks to whom."""
