# AC RTE WA
# Puts a hook under the interpreter that refuses everything it is asked about from then on.
import sys
def refuse(event, arguments): raise RuntimeError(event)
print(7)
sys.addaudithook(refuse)
