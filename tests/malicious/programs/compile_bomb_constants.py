# CE MLE RTE TLE WA
# Constants whose folding would fill the memory of a careless compiler.
a = ((((((("x" * 4000) * 4000) * 4000) * 4000) * 4000) * 4000) * 4000)
b = (((((1 << 100) ** 100) ** 100) ** 100) ** 100)
c = (0,) * 10**10
