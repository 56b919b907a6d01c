// RTE MLE
// Lets an array of variable length jump over everything below its stack.
#include <stdio.h>
static int touch(long length) {
    volatile char room[length];
    room[0] = room[length / 3] = 1;
    return touch(length * 4) + room[0];
}
int main(void) { printf("%d", touch(4096)); }
