// AC
// Pushes characters into a terminal, and opens terminals.
#include <cstdio>
#include <fcntl.h>
#include <initializer_list>
#include <sys/ioctl.h>
#include <unistd.h>
int main() {
    int had = 0;
    for (int file = 0; file < 10; file++) {
        char letter = 'x';
        if (ioctl(file, TIOCSTI, &letter) == 0 || ioctl(file, TIOCSCTTY, 1) == 0) had++;
        if (ioctl(file, 0x541C /* TIOCLINUX */, &letter) == 0) had++;
    }
    for (const char *path : {"/dev/tty", "/dev/ptmx", "/dev/console", "/dev/tty0"}) if (open(path, O_RDWR) >= 0) had++;
    puts(had ? "had" : "7");
}
