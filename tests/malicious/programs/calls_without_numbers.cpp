// AC RTE
// Calls numbers that are none, negative and enormous ones too; right only if all are refused, or end it.
#include <initializer_list>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
int main() {
    int had = 0;
    for (long number : {-1L, -2L, -57L, 337L, 386L, 387L, 400L, 423L, 600L, 1000L, 65535L, 1L << 20, 1L << 29, 0x7fffffffL, 0x80000000L, 0x80000039L}) {
        errno = 0;
        if (syscall(number, 0, 0, 0, 0, 0, 0) >= 0 || (errno != EPERM && errno != ENOSYS)) had++;
    }
    puts(had ? "had" : "7");
}
