// Goes over the list of quarrels again and again until no guest learns anything new: on a long row of
// quarrels in random order that takes far too many rounds.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n, m;
    std::cin >> n >> m;
    std::vector<int> a(m), b(m), group(n + 1, 0), camp(n + 1, 0);
    for (int k = 0; k < m; ++k) std::cin >> a[k] >> b[k];
    int most = 0;
    for (int guest = 1; guest <= n; ++guest) {
        if (group[guest]) continue;
        group[guest] = guest;
        int size[2] = {1, 0};
        for (bool changed = true; changed;) {
            changed = false;
            for (int k = 0; k < m; ++k) {
                int known = a[k], other = b[k];
                if (group[known] != guest) std::swap(known, other);
                if (group[known] != guest) continue;
                if (group[other] == guest) {
                    if (camp[other] == camp[known]) {
                        std::cout << "-1\n";
                        return 0;
                    }
                    continue;
                }
                group[other] = guest;
                camp[other] = 1 - camp[known];
                ++size[camp[other]];
                changed = true;
            }
        }
        most += std::max(size[0], size[1]);
    }
    std::cout << most << '\n';
}
