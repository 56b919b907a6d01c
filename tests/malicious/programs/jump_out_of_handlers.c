// TLE
// Leaves the handler of every signal by a jump, so that none of them ends it.
#include <setjmp.h>
#include <signal.h>
static sigjmp_buf back;
static void jump(int number) { siglongjmp(back, number); }
int main(void) {
    for (int number = 1; number < 65; number++) signal(number, jump);
    sigsetjmp(back, 1);
    for (;;) *(volatile int *)(sigsetjmp(back, 1) ? 16 : 32) = 1;
}
