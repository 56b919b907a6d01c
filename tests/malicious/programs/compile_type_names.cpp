// CE
// Makes the compiler name a type whose name is enormous, in its error.
template <class A, class B> struct Both {};
template <int N> struct Tree { using type = Both<typename Tree<N - 1>::type, typename Tree<N - 1>::type>; };
template <> struct Tree<0> { using type = int; };
int main() { Tree<20>::type tree = "wrong"; }
