# WA RTE
# Replaces what the code around it will call: exits, writes, the end of the interpreter.
import atexit, builtins, gc, io, os, sys, threading
frame = sys._getframe()
while frame.f_back: frame = frame.f_back
def lie(*args, **kwargs): return 0
for space in (frame.f_globals, vars(os), vars(gc), vars(atexit)):
    for name in ("_write_all", "_guarded", "_finish", "_flush", "collect", "_run_exitfuncs", "write"):
        if name in space: space[name] = lie
exits = os._exit
os._exit = lambda status: exits(0)
sys.stdout.write("8")
raise ValueError
