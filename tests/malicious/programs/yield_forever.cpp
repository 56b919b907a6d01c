// TLE
// Gives the processor away at once, each time it gets it, so as to look idle.
#include <sched.h>
#include <time.h>
int main() { const timespec moment = {0, 1}; for (;;) { sched_yield(); nanosleep(&moment, nullptr); } }
