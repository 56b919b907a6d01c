# AC
# Starts programs by every function of the standard library; right only if none ran.
import asyncio, concurrent.futures.process, os, pty
had = []
def ran(name, call):
    try:
        if call() not in (None, -1, 0xFF00, 127 << 8): had.append(name)
    except (OSError, RuntimeError, concurrent.futures.process.BrokenProcessPool): pass
def pool():
    with concurrent.futures.ProcessPoolExecutor(2) as workers: return list(workers.map(int, "12"))
async def shell(): return (await asyncio.create_subprocess_shell("sleep 1000 &")).pid
ran("forkpty", os.forkpty)
ran("pty.fork", pty.fork)
ran("posix_spawn", lambda: os.posix_spawn("/bin/sh", ["sh", "-c", "sleep 1000 &"], {}))
ran("posix_spawnp", lambda: os.posix_spawnp("sh", ["sh", "-c", "sleep 1000 &"], {}))
ran("spawnvp", lambda: os.spawnvp(os.P_NOWAIT, "sh", ["sh", "-c", "sleep 1000 &"]))
ran("system", lambda: os.system("touch /tmp/cf-attack-system"))
ran("popen", lambda: os.popen("echo ran").read() or None)
ran("pool", pool)
ran("asyncio", lambda: asyncio.run(shell()))
if os.path.exists("/tmp/cf-attack-system"): had.append("system")
print(had or 7, flush=True)
os._exit(0)
