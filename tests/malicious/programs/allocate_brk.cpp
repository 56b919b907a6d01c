// MLE TLE RTE
// Moves the end of its data without end.
#include <string.h>
#include <unistd.h>
int main() {
    for (;;) {
        char *room = (char *)sbrk(1 << 20);
        if (room == (char *)-1) return 1;
        memset(room, 1, 1 << 20);
    }
}
