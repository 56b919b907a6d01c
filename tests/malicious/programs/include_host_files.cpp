// CE
// Includes files of the host, so that the compiler's errors would quote them.
#include "/etc/shadow"
#include "/etc/passwd"
#include "/proc/1/environ"
#include "/root/.bashrc"
int main() {}
