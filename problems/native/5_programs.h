inline InStream inf, ouf, ans;

inline bool InStream::rest_is_dirty() { return !ouf.seekEof(); }

[[noreturn]] inline void quit(TResult result, const char* message) { ouf.quit(result, message); }
[[noreturn]] inline void quit(TResult result, const std::string& message) { ouf.quit(result, message); }
[[noreturn]] inline void quitf(TResult result, const char* text, ...) TESTLIB_PRINTF(2, 3);
[[noreturn]] inline void quitf(TResult result, const char* text, ...) {
  TESTLIB_FORMATTED(message, text)
  ouf.quit(result, message);
}
inline void quitif(bool condition, TResult result, const char* text, ...) TESTLIB_PRINTF(3, 4);
inline void quitif(bool condition, TResult result, const char* text, ...) {
  if (!condition) return;
  TESTLIB_FORMATTED(message, text)
  ouf.quit(result, message);
}
// Gives points: the message begins with their number.
[[noreturn]] inline void quitp(double points, const char* text, ...) TESTLIB_PRINTF(2, 3);
[[noreturn]] inline void quitp(double points, const char* text, ...) {
  TESTLIB_FORMATTED(message, text)
  ouf.quit(_points, vtos(points) + (message.empty() ? "" : " ") + message);
}
[[noreturn]] inline void quitp(double points) { ouf.quit(_points, vtos(points)); }

inline void ensuref(bool condition, const char* text, ...) TESTLIB_PRINTF(2, 3);
inline void ensuref(bool condition, const char* text, ...) {
  if (condition) return;
  TESTLIB_FORMATTED(message, text)
  testlib_end(3, "FAIL", message);
}
inline void testlib_ensure(bool condition, const char* text) {
  if (!condition) testlib_end(3, "FAIL", std::string("Condition failed: \"") + text + "\"");
}
#define ensure(condition) testlib_ensure((condition), #condition)
#define ensure_ext(condition) testlib_ensure((condition), #condition)

// --- What a program is.

inline void testlib_begin(TTestlibMode mode) { testlibMode = mode; }

// A checker: `program input output answer`, and perhaps more.
inline void registerTestlibCmd(int argc, char* argv[]) {
  testlib_begin(_checker);
  if (argc < 4) testlib_end(3, "FAIL", "a checker is run as: program input output answer");
  inf.init(argv[1], _input);
  ouf.init(argv[2], _output);
  ans.init(argv[3], _answer);
}

// An interactor: `program input output [answer]`; it talks to the submission, and may write to `tout`.
inline void registerInteraction(int argc, char* argv[]) {
  testlib_begin(_interactor);
  if (argc < 3) testlib_end(3, "FAIL", "an interactor is run as: program input output [answer]");
  inf.init(argv[1], _input);
  tout.open(argv[2], std::ios_base::out);
  if (!tout) testlib_end(3, "FAIL", std::string("cannot write to '") + argv[2] + "'");
  ouf.init(stdin, _output, "the submission");
  if (argc > 3) ans.init(argv[3], _answer);
}

// What a validator is told about the test it reads.
class Validator {
 public:
  const std::string& testset() const { return testset_; }
  const std::string& group() const { return group_; }
  void setTestset(const char* name) { testset_ = name; }
  void setGroup(const char* name) { group_ = name; }
  void addFeature(const std::string&) {}
  void feature(const std::string&) {}

 private:
  std::string testset_, group_;
};
inline Validator validator;

// A validator: the input is on standard input.
inline void registerValidation() {
  testlib_begin(_validator);
  inf.init(stdin, _input, "stdin");
  inf.strict = true;
}
inline void registerValidation(int argc, char* argv[]) {
  registerValidation();
  for (int number = 1; number + 1 < argc; ++number) {
    if (std::strcmp(argv[number], "--testset") == 0) validator.setTestset(argv[number + 1]);
    if (std::strcmp(argv[number], "--group") == 0) validator.setGroup(argv[number + 1]);
  }
}

// Runs at the end of a program, and fails where it forgot to decide.
struct TestlibGuard {
  ~TestlibGuard() {
    const TestlibState& state = testlib_state;
    if (!state.guarded || state.decided) return;
    const char* words = nullptr;
    if (testlibMode == _checker) words = "Checker must end with quit or quitf call.";
    if (testlibMode == _interactor) words = "Interactor must end with quit or quitf call.";
    if (testlibMode == _validator && !state.read_to_end) words = "Validator must end with readEof call.";
    if (words == nullptr) return;
    std::fprintf(stderr, "FAIL %s\n", words);
    std::fflush(nullptr);
    std::_Exit(3);
  }
};
inline TestlibGuard testlib_guard;
