// AC
// Hangs watches into watches, in long chains and in circles, which are slow to wake.
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>
int main() {
    int files[200], made = 0;
    for (int &file : files) if ((file = epoll_create1(0)) >= 0) made++;
    epoll_event event = {EPOLLIN, {}};
    for (int i = 0; i + 1 < made; i++) for (int j = i + 1; j < made; j++) epoll_ctl(files[i], EPOLL_CTL_ADD, files[j], &event);
    epoll_ctl(files[made - 1], EPOLL_CTL_ADD, files[0], &event);
    epoll_ctl(files[made - 1], EPOLL_CTL_ADD, 1, &event);
    epoll_wait(files[0], &event, 1, 1);
    puts("7");
}
