// CE
// Asks for ten GB while it is compiled.
constexpr long fill() {
    char *room = new char[10'000'000'000];
    for (long i = 0; i < 10'000'000'000; i++) room[i] = 1;
    long last = room[5];
    delete[] room;
    return last;
}
struct Room { char room[10'000'000'000]; };
constexpr Room initialised = {{1}};
static_assert(fill() == 1 && initialised.room[9'999'999'999] == 0);
int main() {}
