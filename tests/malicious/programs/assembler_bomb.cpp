// CE
// Lets the assembler write without end.
asm(".rept 0x7fffffff\n.fill 0x7fffffff, 8, 7\n.endr");
int main() {}
