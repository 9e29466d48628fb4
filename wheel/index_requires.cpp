#include "wheel/index_requires.h"

#include <algorithm>
#include <array>
#include <functional>
#include <regex>

#include "wheel/error.h"
#include "wheel/requirement.h"
#include "wheel/specifiers.h"
#include "wheel/utf8.h"

namespace wheel {
namespace {

constexpr Refusal kRequires = {"metadata-requires", "PyPI, pip and uv"};
constexpr Refusal kRequiresMended = {"metadata-requires", "PyPI and pip"};
constexpr Refusal kRequiresEmpty = {"metadata-requires", "uv"};
constexpr Refusal kPython = {"metadata-requires-python", "PyPI and uv"};
constexpr Refusal kPythonMended = {"metadata-requires-python", "PyPI"};
constexpr Refusal kDirect = {"metadata-direct-reference", "PyPI", IndexRule::kPublication};

using Reader = std::function<void(std::string_view)>;

// Of what is longer uv's mends are not tried: a pattern takes stack for each letter.
constexpr std::size_t kLongestMended = 1000;
constexpr std::size_t kLongestShown = 200;

/// Why it cannot be read; empty where it can.
std::string fault_of(const Reader& read, std::string_view text) {
  try {
    read(text);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

std::string without_quotes(std::string text) {
  const std::size_t marker = std::min(text.find(';'), text.size());
  std::string left = text.substr(0, marker);
  std::erase_if(left, [](char c) { return c == '"' || c == '\''; });
  return left + text.substr(marker);
}

/// uv, parse_with_fixups: each mend upon the last, until it can be read.
bool uv_mends(const Reader& read, std::string text) {
  static const std::array<std::pair<std::regex, const char*>, 7> kMends = {{
      {std::regex("([0-9])([<>=~^!])"), "$1,$2"},                            // `>=7.2.0<8.0.0`
      {std::regex("!=~(([0-9]\\.)*[0-9])"), "!=$1.*"},                       // `!=~5.0`
      {std::regex("(<=|>=|<|>)([0-9]+(\\.[0-9]+)*)\\.\\*"), "$1$2"},         // `>=1.9.*`
      {std::regex("([0-9]\\.[0-9])+\\*"), "$1.*"},                           // `!=3.0*`
      {std::regex(",\\s*$"), ""},                                            // `>=3.6,`
      {std::regex(">dev"), ">0.0.0dev"},                                     // `>dev`
      {std::regex("([0-9]+(\\.[0-9])*(a|b|rc|post|dev)[0-9]+)\\.0"), "$1"},  // `>=9.0.0a1.0`
  }};
  if (text.size() > kLongestMended) {
    return false;
  }
  for (const auto& [pattern, mended] : kMends) {
    text = std::regex_replace(text, pattern, mended);
    if (fault_of(read, text).empty()) {
      return true;
    }
  }
  return fault_of(read, without_quotes(text)).empty();
}

/// `x ()` says nothing of versions; packaging reads it so, uv does not.
std::string without_empty_parentheses(std::string text) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.find_first_not_of(" \t", std::min(open, text.size() - 1) + 1);
  const bool is_empty = open != std::string::npos && open < text.find(';') &&
                        close != std::string::npos && text[close] == ')';
  return is_empty ? text.erase(open, close + 1 - open) : text;
}

std::string shown(const std::string& text) {
  const std::string start = text.substr(0, kLongestShown);
  std::string shown = "`";
  shown += is_printable(start) ? start : escaped(start);
  shown += text.size() > kLongestShown ? "...`" : "`";
  return shown;
}

void check_requirement(const std::string& text, const std::string& member, IndexReport& report) {
  std::string url;
  const Reader read = [&](std::string_view line) { url = parse_foreign_requirement(line).url; };
  const std::string fault = fault_of(read, text);
  if (fault.empty()) {
    if (!url.empty()) {
      report.tell(kDirect, member, "it requires " + text + ", by a URL");
    }
    return;
  }
  const bool is_empty = !text.empty() && fault_of(read, without_empty_parentheses(text)).empty();
  const Refusal& refusal = is_empty               ? kRequiresEmpty
                           : uv_mends(read, text) ? kRequiresMended
                                                  : kRequires;
  report.tell(refusal, member, "its Requires-Dist " + shown(text) + " is none: " + fault);
}

}  // namespace

void check_index_requires(const Headers& metadata, const std::string& member, IndexReport& report) {
  for (const std::string& requirement : metadata.get_all("Requires-Dist")) {
    check_requirement(requirement, member, report);
  }
  const std::string python = metadata.get("Requires-Python").value_or("");
  const std::string fault = python.empty() ? "" : fault_of(check_specifiers, python);
  if (!fault.empty()) {
    report.tell(uv_mends(check_specifiers, python) ? kPythonMended : kPython, member,
                "its Requires-Python " + shown(python) + " is none: " + fault);
  }
}

}  // namespace wheel
