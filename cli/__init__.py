"""The command `liandong`: what people and operators do with a district."""
