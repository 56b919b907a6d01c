// CE
// Includes itself without end.
#include "main.cpp"
int main() {}
