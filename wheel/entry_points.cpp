#include "wheel/entry_points.h"

#include <set>
#include <utility>

#include "wheel/error.h"
#include "wheel/stripped.h"

namespace wheel {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";

class Parser {
 public:
  void take(std::string_view line, std::size_t number) {
    const std::string_view text = stripped(line, kBlanks);
    const std::size_t indent = line.find_first_not_of(kBlanks);
    if (text.empty() || text[0] == '#' || text[0] == ';') {
      return;
    }
    if (is_in_value_ && indent > indent_) {  // the value goes on
      points_.back().value.append("\n").append(text);
      return;
    }
    indent_ = indent;
    const std::size_t bracket = text.rfind(']');
    if (text[0] == '[' && bracket != std::string_view::npos && bracket > 1) {
      open_section(std::string(text.substr(1, bracket - 1)), number);
    } else {
      add_point(text, number);
    }
  }

  std::vector<EntryPoint> points() && { return std::move(points_); }

 private:
  [[noreturn]] static void refuse(std::size_t number, const std::string& why) {
    throw Error("", "line " + std::to_string(number) + " " + why);
  }

  void open_section(std::string name, std::size_t number) {
    is_in_value_ = false;
    section_ = std::move(name);
    // [DEFAULT] is none for configparser, but what all others fall back to.
    if (section_ != "DEFAULT" && !sections_.insert(section_).second) {
      refuse(number, "opens the section \"" + section_ + "\" a second time");
    }
    has_section_ = true;
  }

  void add_point(std::string_view text, std::size_t number) {
    if (!has_section_) {
      refuse(number, "stands before the first section");
    }
    const std::size_t equals = text.find('=');
    const std::string name(stripped(text.substr(0, equals), kBlanks));
    if (equals == std::string_view::npos || name.empty()) {
      refuse(number, "is neither `[section]` nor `name = value`");
    }
    if (!names_.emplace(section_, name).second) {
      refuse(number, "names \"" + name + "\" a second time");
    }
    points_.push_back({section_, name, std::string(stripped(text.substr(equals + 1), kBlanks))});
    is_in_value_ = true;
  }

  std::vector<EntryPoint> points_;
  std::string section_;
  std::set<std::string> sections_;
  std::set<std::pair<std::string, std::string>> names_;
  std::size_t indent_ = 0;
  bool has_section_ = false;
  bool is_in_value_ = false;
};

}  // namespace

std::vector<EntryPoint> parse_entry_points(std::string_view text) {
  Parser parser;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    parser.take(line, number);
    text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
  }
  return std::move(parser).points();
}

}  // namespace wheel
