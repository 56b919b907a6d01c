// MLE TLE RTE
// Maps and touches shared memory without end, which limits on private memory do not count.
#include <string.h>
#include <sys/mman.h>
int main() {
    for (;;) {
        void *room = mmap(nullptr, 1 << 24, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (room == MAP_FAILED) return 1;
        memset(room, 1, 1 << 24);
    }
}
