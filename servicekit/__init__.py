"""The technical kit every service stands on. It knows no word of the domain."""
