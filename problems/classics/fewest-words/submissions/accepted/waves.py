# Breadth-first search over the places of the text, going down a trie of the words from each place.
class Solution:
    def fewest_words(self, text: str, words: list[str]) -> int:
        trie: dict = {}
        for word in words:
            node = trie
            for letter in word:
                node = node.setdefault(letter, {})
            node[""] = {}
        reached = bytearray(len(text) + 1)
        wave = [0]
        pieces = 0
        while wave:
            pieces += 1
            following = []
            for start in wave:
                node = trie
                for place in range(start, len(text)):
                    node = node.get(text[place])
                    if node is None:
                        break
                    if "" in node and not reached[place + 1]:
                        reached[place + 1] = 1
                        following.append(place + 1)
            if reached[-1]:
                return pieces
            wave = following
        return -1
