// AC
// Takes every descriptor there is, at the highest numbers too, and asks for more.
#include <initializer_list>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
int main() {
    rlimit more = {1 << 20, 1 << 20};
    int raised = setrlimit(RLIMIT_NOFILE, &more) == 0;
    for (int from : {1 << 30, 1 << 20, 4096, 255, 200}) fcntl(0, F_DUPFD, from);
    dup2(0, 1 << 20);
    int made = 0;
    while (dup(2) >= 0) made++;
    if (made > 1024) raised = 1;
    close(100);
    puts(raised ? "raised" : "7");
}
