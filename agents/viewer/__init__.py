"""A look at records: a page for browsers, text for terminals. Reads only; needs the extra `viewer`."""
