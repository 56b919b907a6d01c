// OLE TLE
// Prints one byte per system call, without end.
#include <unistd.h>
int main() { while (write(1, "7", 1) == 1 || write(2, "7", 1) == 1) {} }
