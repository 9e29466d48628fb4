#include "src/option_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "src/failure.h"
#include "src/nearest.h"

namespace spokeshave {

void refuse_word(const std::string& option, const std::string& word,
                 const std::vector<std::string>& known, const std::string& otherwise) {
  const std::vector<std::string> first(known.begin(), std::prev(known.end()));
  throw Failure(ExitCode::kUsage, fmt::format("{} knows no `{}`", option, word),
                fmt::format("it takes {} or {}", fmt::join(first, ", "), known.back()),
                did_you_mean(word, known, otherwise));
}

}  // namespace spokeshave
