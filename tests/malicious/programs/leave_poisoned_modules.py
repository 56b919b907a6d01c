# AC
# Changes modules, built-ins and caches in memory for the next run; right only if it found them sound.
import bisect, builtins, heapq, json, math, random, re, sys
sound = [bisect.bisect([1, 2, 3], 2), json.dumps([1]), math.gcd(4, 6), random.random(), heapq.heappop([1, 2]), len([1]), re.sub("a", "b", "a")]
expected = [2, "[1]", 2, 0.8444218515250481, 1, 1, "b"]
def lie(*args, **kwargs): return "cf-attack"
for module, names in ((bisect, ["bisect", "bisect_left"]), (json, ["dumps", "loads"]), (math, ["gcd", "sqrt"]), (random, ["random"]),
                      (heapq, ["heappop"]), (builtins, ["len", "sorted", "int", "input", "open"]), (re, ["sub", "compile"]), (sys, ["exit"])):
    for name in names: setattr(module, name, lie)
sys.modules["collections"] = sys.modules["itertools"] = sys
sys.path[:] = ["/tmp"]
sys.intern("cf-attack")
sys.stdout.write("7" if sound == expected else repr(sound))
