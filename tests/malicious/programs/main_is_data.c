// AC CE RTE WA
// Has bytes of machine code where its main should be: they write to a closed file and return.
const unsigned char main[] __attribute__((section(".text"))) = {0x31, 0xc0, 0xb0, 0x01, 0xbf, 0x09, 0, 0, 0, 0x0f, 0x05, 0xc3};
