// AC
// Takes huge pages, which are no part of the resident memory; right only if that is refused, not just impossible.
#include <initializer_list>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
int main() {
    int had = 0;
    for (int size : {0, 21, 30}) {
        errno = 0;
        void *room = mmap(nullptr, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | size << 26, -1, 0);
        if (room != MAP_FAILED || errno != EPERM) had++;
    }
    puts(had ? "had" : "7");
}
