"""What a merge is made of: norms, angles, rounding, effective coefficients, and a picture by tensor."""
