// TLE
// Does its endless work where no main is: in the destructor of a global object.
#include <stdio.h>
#include <unistd.h>
struct Last { ~Last() { write(1, "7\n", 2); for (;;) asm volatile(""); } } last;
int main() {}
