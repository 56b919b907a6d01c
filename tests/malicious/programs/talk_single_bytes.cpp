// WA OLE TLE
// Says single bytes without end, each of which could be a frame of its own.
#include <unistd.h>
int main() {
    for (;;) if (write(1, "1", 1) < 0) return 0;
}
