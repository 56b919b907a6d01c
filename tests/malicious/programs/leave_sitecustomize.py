# AC
# Leaves start-up files of the interpreter wherever it may write; right only if none of them ran.
import os, site, sys
found = os.environ.get("CF_ATTACK") or [name for name in sys.modules if "customize" in name]
text = "import os; os.environ['CF_ATTACK'] = 'ran'"
for folder in {*sys.path, site.getusersitepackages(), os.path.expanduser("~"), os.getcwd(), "/usr/lib/python3/dist-packages", *site.getsitepackages()}:
    for name in ("sitecustomize.py", "usercustomize.py", "cf-attack.pth", "random.pyc", "main.py", ".pythonrc", "pyvenv.cfg", "python312._pth"):
        try:
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, name), "w") as file: file.write(text)
        except OSError: pass
for name in ("PYTHONSTARTUP", "PYTHONPATH", "PYTHONHOME", "PYTHONINSPECT", "CF_ATTACK"): os.environ[name] = "/tmp"
os.putenv("LD_PRELOAD", "/tmp/cf-attack.so")
print(found or 7)
