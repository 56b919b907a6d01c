# RTE MLE TLE
# Lifts the limit of recursion and recurses through C, on a thread with an enormous stack.
import sys, threading
sys.setrecursionlimit(1 << 30)
threading.stack_size(256 << 20)
class Deep:
    def __repr__(self): return repr(Deep())
    def __eq__(self, other): return Deep() == Deep()
    def __lt__(self, other): return sorted([Deep(), Deep()])
def go(): print(sorted([Deep(), Deep()]))
thread = threading.Thread(target=go)
thread.start()
thread.join()
raise SystemExit(3)
