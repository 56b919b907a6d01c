// Merge sort that counts, for each element, the larger ones before it and the smaller ones after it.
#include <cstdint>
#include <iostream>
#include <vector>

struct Element {
    int value;
    std::int64_t larger_before = 0, smaller_after = 0;
};

using Elements = std::vector<Element>;

void sort_and_count(Elements& elements, Elements& spare, std::size_t from, std::size_t to) {
    if (to - from < 2) return;
    const std::size_t middle = from + (to - from) / 2;
    sort_and_count(elements, spare, from, middle);
    sort_and_count(elements, spare, middle, to);
    std::size_t left = from, right = middle;
    for (std::size_t place = from; place < to; ++place) {
        if (right == to || (left < middle && elements[left].value <= elements[right].value)) {
            elements[left].smaller_after += right - middle;
            spare[place] = elements[left++];
        } else {
            elements[right].larger_before += middle - left;
            spare[place] = elements[right++];
        }
    }
    for (std::size_t place = from; place < to; ++place) elements[place] = spare[place];
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    std::size_t n;
    std::cin >> n;
    Elements elements(n), spare(n);
    for (Element& element : elements) std::cin >> element.value;
    sort_and_count(elements, spare, 0, n);
    std::int64_t triples = 0;
    for (const Element& element : elements) triples += element.larger_before * element.smaller_after;
    std::cout << triples << '\n';
}
