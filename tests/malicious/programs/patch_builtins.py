# WA RTE
# Replaces what every Python function leans on, then fails.
import builtins, codecs, io, os, sys, traceback, linecache
sys.stdout.write("8\n")
def lie(*args, **kwargs): return 0
codecs.register_error("surrogateescape", lambda error: ("7", error.end))
for module in (traceback, linecache, codecs):
    for name in list(vars(module)):
        if callable(getattr(module, name)) and not name.startswith("__"): setattr(module, name, lie)
class Stream:
    closed = True
    def flush(self): os._exit(0)
    def write(self, text): return len(text)
sys.stderr = sys.__stderr__ = Stream()
for name in ("getattr", "isinstance", "print", "len", "type", "super", "BaseException", "SystemExit", "ValueError"): setattr(builtins, name, lie)
1 / 0
