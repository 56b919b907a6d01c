# CE RTE TLE MLE
# Nests deeper than the parser can, made at run time.
for opening, closing in (("(", ")"), ("[", "]"), ("-", ""), ("not ", ""), ("lambda:", ""), ("{1:", "}"), ("f(", ")")):
    try: compile(opening * 100_000 + "1" + closing * 100_000, "x", "eval")
    except (SyntaxError, MemoryError, RecursionError): pass
raise SystemExit(1)
