"""One module for each thing that is proven. None of them imports from a service or from the kit."""
