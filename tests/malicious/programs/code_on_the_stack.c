// AC CE RTE
// Runs code that it made on its stack and in memory that is writable at once.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
int main(void) {
    int base = 3;
    int add(int n) { return base + n; }
    int (*volatile nested)(int) = add;
    static const unsigned char code[] = {0x89, 0xf8, 0x83, 0xc0, 0x03, 0xc3};
    void *room = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) return 1;
    memcpy(room, code, sizeof code);
    printf("%d\n", (nested(4) + ((int (*)(int))room)(4)) / 2);
}
