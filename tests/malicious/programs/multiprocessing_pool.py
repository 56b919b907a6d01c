# RTE
# Starts processes through multiprocessing.
import multiprocessing

def work(n):
    while True: pass

multiprocessing.set_start_method("fork")
workers = [multiprocessing.Process(target=work, args=(i,)) for i in range(50)]
for worker in workers: worker.start()
print(7)
