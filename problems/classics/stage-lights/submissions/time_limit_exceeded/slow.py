# Sets light by light and follows what that implies; if it leads nowhere, all of it is taken back: O(n m).
import sys


def main():
    words = sys.stdin.read().split()
    n = int(words[0])
    after = [[] for _ in range(2 * n)]
    for kind, a, b in zip(words[2::3], words[3::3], words[4::3]):
        a, b = 2 * int(a) - 2, 2 * int(b) - 2
        if kind == "same":
            b ^= 1
        if kind != "either":
            after[a].append(b ^ 1)
            after[b].append(a ^ 1)
        if kind != "never":
            after[a ^ 1].append(b)
            after[b ^ 1].append(a)
    on = [False] * (2 * n)

    def follow(setting):
        """Set a light and all that follows, or nothing."""
        todo = [setting]
        on[setting] = True
        for here in todo:
            for other in after[here]:
                if on[other ^ 1]:
                    for setting in todo:
                        on[setting] = False
                    return False
                if not on[other]:
                    on[other] = True
                    todo.append(other)
        return True

    for light in range(n):
        if on[2 * light] or on[2 * light + 1]:
            continue
        if not follow(2 * light) and not follow(2 * light + 1):
            print("NO")
            return
    print("YES")
    print("".join("1" if setting else "0" for setting in on[::2]))


main()
