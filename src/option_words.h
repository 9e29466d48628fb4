#pragma once

#include <string>
#include <utility>
#include <vector>

namespace spokeshave {

/// What an option's word stands for, by the words that it takes.
template <typename Value>
using Words = std::vector<std::pair<std::string, Value>>;

/// Throws Failure: `option` does not take `word`, but `known`. `otherwise`: the hint where no word
/// is near.
[[noreturn]] void refuse_word(const std::string& option, const std::string& word,
                              const std::vector<std::string>& known, const std::string& otherwise);

template <typename Value>
Value parse_word(const std::string& option, const std::string& word, const Words<Value>& words,
                 const std::string& otherwise) {
  std::vector<std::string> known;
  for (const auto& [name, value] : words) {
    if (name == word) {
      return value;
    }
    known.push_back(name);
  }
  refuse_word(option, word, known, otherwise);
}

}  // namespace spokeshave
