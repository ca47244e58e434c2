"""The use cases of the catalogue: load, decide, save. No rule is written here.

`items` publishes versions and flags them, `letters` signs letters, `calendar` imports years,
`organisation` builds the tree, its authorities, posts and assignments.
"""
