// CE
// Is an array of four GiB instead of a program, which the compiler must write out.
main[-1u] = {1};
