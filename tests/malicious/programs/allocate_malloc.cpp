// MLE TLE RTE
// Allocates with malloc and new without end, touching every page.
#include <cstdlib>
#include <cstring>
int main() {
    for (;;) {
        char *room = (char *)malloc(1 << 20);
        if (room) memset(room, 1, 1 << 20);
        else room = new char[1 << 20];
    }
}
