# AC
# Walks the frames and objects of the process it runs in for earlier programs, inputs and answers.
import gc, sys
words = ("ECRUOS-REILRAE-TERCES", "TUPNI-REILRAE-TERCES", "REWSNA-REILRAE-TERCES")  # never whole in our own memory
had = set()
def look(value, depth=0):
    if isinstance(value, (str, bytes, bytearray)):
        backwards = (value if isinstance(value, str) else value.decode("latin-1"))[::-1]
        had.update(word for word in words if word in backwards)
    elif depth < 4:
        if isinstance(value, dict): items = [*value.keys(), *value.values()]
        elif isinstance(value, (list, tuple, set, frozenset)): items = list(value)
        else: items = list(getattr(value, "__dict__", {}).values())
        for item in items: look(item, depth + 1)
frame, frames = sys._getframe(), 0
while frame:
    look({**frame.f_locals, **frame.f_globals})
    frame, frames = frame.f_back, frames + 1
gc.unfreeze()
things = [thing for thing in gc.get_objects() if thing is not words]
for thing in things: look(thing, 3)
assert len(things) > 5000 and frames > 3, "nothing was searched"
print(sorted(had) or 7)
