// AC CE
// Hands options to the compiler from within: plugins, outputs, tools.
#include <stdio.h>
#pragma GCC optimize("-fplugin=/tmp/cf-attack.so", "-fdump-tree-all", "-fprofile-use=/etc/shadow", "-wrapper", "/bin/sh")
#pragma GCC target("tune=native,arch=/etc/shadow")
#pragma GCC dependency "/etc/shadow"
#pragma GCC pch_preprocess "/etc/passwd"
__attribute__((optimize("-B/tmp", "-specs=/etc/shadow", "-o/tmp/x"))) int main() { puts("7"); }
