"""A carrier of our own for demonstrations and tests: takes orders, moves parcels, pushes callbacks.

It speaks the form of the 快递100 interfaces and shares no code with the
district, so that both sides of the interface are written from its description.
It keeps no name, address or telephone number.
"""
