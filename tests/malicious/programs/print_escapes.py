# RTE WA
# Prints what would act on a terminal that shows it, and what is no text at all.
import os, sys
noise = b"\x1b]0;cf-attack\x07\x1b[2J\x1b[31m\x1bP1;1|17/cf\x1b\\\x9b6n\xff\xfe\x00\r\x08[bold]7[/bold]\x85\xe2\x80\xae"
os.write(1, noise + b"\n")
os.write(2, noise * 100)
raise SystemExit(noise.decode("latin-1"))
