// AC
// Forks before main, in a constructor, and after it, in a destructor and at exit; right only if it could not.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static int made;
static void multiply() { for (int i = 0; i < 50; i++) if (fork() >= 0) made++; }
__attribute__((constructor)) static void before() { multiply(); }
static void at_exit() { multiply(); if (made) _exit(9); }
__attribute__((destructor)) static void after() { multiply(); if (made) _exit(9); }
int main() { atexit(at_exit); puts(made ? "forked" : "7"); }
