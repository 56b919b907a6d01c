// AC CE RTE
// Puts a loader, a start and constructors of its own into the executable's sections.
#include <stdio.h>
asm(".section .interp,\"a\"\n.string \"/bin/sh\"\n"
    ".section .init_array,\"aw\"\n.quad 0xdeadbeef\n"
    ".section .preinit_array,\"aw\"\n.quad 0x1\n"
    ".section .note.GNU-stack,\"x\",@progbits\n.text\n");
int main() { puts("7"); }
