#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    char word[16];
    long a, b;
    if (scanf("%15s %ld %ld", word, &a, &b) != 3) return 9;
    if (!strcmp(word, "wrong")) b++;
    if (!strcmp(word, "crash")) abort();
    if (!strcmp(word, "loop")) for (volatile long i = 0;; i++) {}
    if (!strcmp(word, "hog")) {
        for (;;) {
            char *more = malloc(1 << 20);
            if (!more) return 1;
            memset(more, 1, 1 << 20);
        }
    }
    printf("%ld\n", (long)floor(sqrt((double)(a + b) * (a + b))));
}
