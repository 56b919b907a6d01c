"""What runs inside the sandbox; loaded by the zygote without the rest of the package."""
