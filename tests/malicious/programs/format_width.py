# MLE RTE
# Asks for a text of enormous width in one format.
print(f"{7:>8000000000}")
