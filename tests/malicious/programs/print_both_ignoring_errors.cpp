// OLE
// Floods both streams and goes on when refused.
#include <csignal>
#include <cstring>
#include <unistd.h>
int main() {
    static char block[1 << 16];
    memset(block, '7', sizeof block);
    signal(SIGXFSZ, SIG_IGN);
    for (;;) {
        long a = write(1, block, sizeof block), b = write(2, block, sizeof block);
        if (a + b == 5) return 1;
    }
}
