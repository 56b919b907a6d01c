// CE
// Makes the compiler write an enormous program.
#include <cstdio>
int room[1 << 28] = {1};
int main() { printf("%d", room[5]); }
