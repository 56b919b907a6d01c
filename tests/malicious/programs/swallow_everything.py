# TLE
# A loop that no exception leaves.
def spin():
    while True:
        try:
            while True: [].append(int("5"))
        except BaseException: pass
try: spin()
finally: spin()
