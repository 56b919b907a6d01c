// WA OLE
// Floods the interactor with lines and listens to nothing.
#include <unistd.h>
#include <cstring>
int main() {
    static char lines[1 << 16];
    memset(lines, '1', sizeof lines);
    for (unsigned i = 99; i < sizeof lines; i += 100) lines[i] = '\n';
    for (;;) if (write(1, lines, sizeof lines) < 0) return 0;
}
