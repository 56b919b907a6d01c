// Accepts any order of the letters that agrees with the dictionary.
// Arguments: input file, answer file, feedback folder. The output to judge is on standard input.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr int kAccepted = 42;
constexpr int kWrong = 43;
constexpr int kBroken = 1;  // the problem itself is at fault: no verdict
const std::string kImpossible = "IMPOSSIBLE";

std::string feedback_folder;

[[noreturn]] void finish(int status, const std::string& message) {
    std::ofstream(feedback_folder + "/judgemessage.txt") << message << '\n';
    std::exit(status);
}

// Reads a token of at most `limit` characters; whatever is longer is cut, so it cannot be a letter.
bool read_token(std::istream& stream, std::string& token, std::size_t limit = 16) {
    token.clear();
    int byte = stream.get();
    while (byte != EOF && std::isspace(byte)) byte = stream.get();
    for (; byte != EOF && !std::isspace(byte); byte = stream.get()) {
        if (token.size() <= limit) token.push_back(static_cast<char>(byte));
    }
    return !token.empty();
}

std::string printable(std::string token) {
    for (char& c : token) {
        if (c < ' ' || c > '~') c = '?';
    }
    return token;
}

// Returns the letter a token stands for, or 0 when it is none of 1..letters.
int letter_of(const std::string& token, int letters) {
    if (token.size() > 6 || token[0] == '0') return 0;
    if (!std::all_of(token.begin(), token.end(), [](char c) { return '0' <= c && c <= '9'; })) return 0;
    const int letter = std::stoi(token);
    return letter <= letters ? letter : 0;
}

// Reads the rest of the output, whose first token is given; returns the place of each letter.
std::vector<int> read_places(std::string token, int letters) {
    std::vector<int> place(letters + 1, 0);
    for (int position = 1; position <= letters; ++position) {
        if (position > 1 && !read_token(std::cin, token)) {
            finish(kWrong, "the output ends after " + std::to_string(position - 1) + " letters");
        }
        const int letter = letter_of(token, letters);
        if (letter == 0) {
            finish(kWrong, "token " + std::to_string(position) + " is no letter: " + printable(token));
        }
        if (place[letter] != 0) finish(kWrong, "letter " + std::to_string(letter) + " comes twice");
        place[letter] = position;
    }
    return place;
}

bool in_order(const std::vector<int>& before, const std::vector<int>& after, const std::vector<int>& place) {
    return std::lexicographical_compare(before.begin(), before.end(), after.begin(), after.end(),
                                        [&](int a, int b) { return place[a] < place[b]; }) ||
           before == after;
}

std::vector<int> read_word(std::istream& input) {
    std::size_t length = 0;
    input >> length;
    std::vector<int> word(length);
    for (int& letter : word) input >> letter;
    return word;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return kBroken;
    std::ios::sync_with_stdio(false);
    feedback_folder = argv[3];
    std::ifstream input(argv[1]), answer(argv[2]);
    int letters = 0, words = 0;
    std::string expected, token, rest;
    if (!(input >> letters >> words) || !(answer >> expected)) finish(kBroken, "cannot read input or answer");

    if (!read_token(std::cin, token)) finish(kWrong, "the output is empty");
    if (token == kImpossible) {
        if (read_token(std::cin, rest)) finish(kWrong, "something follows after IMPOSSIBLE");
        if (expected != kImpossible) finish(kWrong, "there is an order, but the output says IMPOSSIBLE");
        finish(kAccepted, "impossible, as it should be");
    }
    const std::vector<int> place = read_places(token, letters);
    if (read_token(std::cin, rest)) {
        finish(kWrong, "something follows after the last letter: " + printable(rest));
    }
    std::vector<int> before = read_word(input);
    for (int number = 2; number <= words; ++number) {
        std::vector<int> after = read_word(input);
        if (!in_order(before, after, place)) {
            finish(kWrong, "word " + std::to_string(number) + " must not come after the one before it");
        }
        before.swap(after);
    }
    if (expected == kImpossible) finish(kBroken, "an order exists, but the answer file says IMPOSSIBLE");
    finish(kAccepted, "all words are in order");
}
