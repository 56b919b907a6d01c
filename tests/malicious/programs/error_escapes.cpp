// CE
// Writes what would act on a terminal into the compiler's errors.
#error ]0;cf-attack[2J[8m hidden
int main() { return ; }
