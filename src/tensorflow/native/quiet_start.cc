// Lets TF_CPP_MIN_LOG_LEVEL hold from the first moment.
//
// TensorFlow logs while its libraries are being loaded, before it has read that variable. The binding is therefore linked
// with `-z initfirst`: this constructor runs before those of the libraries, and it calls the one function that does
// not need them to have run (it stores a number).

#include <cstdlib>

namespace absl {
inline namespace lts_20250814 {
enum class LogSeverityAtLeast : int {};
// Weak, since the name holds the version of abseil that TensorFlow was built with: with another, the lines are printed.
__attribute__((weak)) void SetMinLogLevel(LogSeverityAtLeast level);
}  // namespace lts_20250814
}  // namespace absl

__attribute__((constructor)) static void QuietStart() {
  const char *level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level && absl::SetMinLogLevel) absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(std::atoi(level)));
}
