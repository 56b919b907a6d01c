# AC TLE RTE MLE
# Objects that come back when they die, and multiply, at the last collection too.
import gc
kept = []
class Phoenix:
    def __init__(self): self.own = self
    def __del__(self):
        kept.append(self)
        Phoenix(), Phoenix()
        if len(kept) > 1000: kept.clear()
Phoenix()
gc.set_threshold(1, 1, 1)
print(7, flush=True)
