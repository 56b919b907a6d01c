# WA RTE
# Prints objects that claim to equal everything.
class Liar(str):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return hash("7")
    def __str__(self): return self
    def split(self, *args): return [self]
print(Liar("8"))
import sys
sys.stdout.write(Liar("8"))
