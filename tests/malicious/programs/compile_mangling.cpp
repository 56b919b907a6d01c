// CE AC
// Makes the compiler write a symbol whose name is enormous.
#include <stdio.h>
template <class... T> struct All {};
template <int N> struct Tree { using type = All<typename Tree<N - 1>::type, All<typename Tree<N - 1>::type, char[N]>>; };
template <> struct Tree<0> { using type = int; };
template <class T> __attribute__((noinline)) int size(T *) { static int calls; return ++calls; }
int main() { size((Tree<400>::type *)nullptr); puts("7"); }
