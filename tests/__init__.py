"""Examples of behaviour on real inputs, in the shape of the packages."""
