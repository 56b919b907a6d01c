// AC WA
// Prints wrong answers, takes them back, and reads what it printed.
#include <stdio.h>
#include <unistd.h>
int main() {
    char text[9] = "";
    write(1, "wrong answer", 12);
    lseek(1, 0, SEEK_SET);
    read(1, text, 8);
    ftruncate(1, 0);
    lseek(1, 0, SEEK_SET);
    write(1, text[0] == 'w' ? "7\n" : "8\n", 2);
}
