#include "src/graph_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>

#include "src/failure.h"
#include "src/page_sources.h"
#include "wheel/sha256.h"

namespace spokeshave {

namespace {

/// JSON that stays JSON, but ends no script element and begins no comment in it (HTML standard,
/// "Restrictions for contents of script elements"); `<`, `>` and `&` stand within strings only.
std::string for_script_element(std::string_view json) {
  std::string result;
  result.reserve(json.size());
  while (!json.empty()) {
    const bool is_separator = json.starts_with("\xe2\x80\xa8") || json.starts_with("\xe2\x80\xa9");
    const char letter = json.front();
    if (is_separator) {
      result += json[2] == '\xa8' ? "\\u2028" : "\\u2029";
    } else if (letter == '<' || letter == '>' || letter == '&') {
      result += fmt::format("\\u{:04x}", static_cast<int>(letter));
    } else {
      result += letter;
    }
    json.remove_prefix(is_separator ? 3 : 1);
  }
  return result;
}

/// The hash by which a Content-Security-Policy allows one inline script or style (CSP level 3,
/// "hash-source"): padded base64 of its text.
std::string policy_hash(std::string_view text) {
  std::string hash = wheel::record_hash(wheel::sha256(text)) + "=";
  hash[hash.find('=')] = '-';
  std::replace(hash.begin() + 7, hash.end(), '-', '+');
  std::replace(hash.begin() + 7, hash.end(), '_', '/');
  return hash;
}

[[noreturn]] void refuse(const std::string& why) {
  throw Failure(ExitCode::kFailed, "cannot make the page", "Graphviz's picture holds " + why,
                "use --graph=svg, tree, dot or json, and report it with the version of graphviz");
}

constexpr std::array<std::string_view, 8> kElements = {"svg",  "g",       "title",   "a",
                                                       "text", "polygon", "ellipse", "path"};

bool is_name_letter(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-' || letter == ':';
}

std::string_view leading_name(std::string_view text) {
  return text.substr(0, std::find_if_not(text.begin(), text.end(), is_name_letter) - text.begin());
}

/// One tag, without its brackets: an element that Graphviz draws our graphs with, and no attribute
/// that runs or loads anything.
void check_tag(std::string_view tag) {
  if (tag.starts_with('/')) {
    tag.remove_prefix(1);
  }
  const std::string_view element = leading_name(tag);
  if (std::find(kElements.begin(), kElements.end(), element) == kElements.end()) {
    refuse(fmt::format("an element `{}`", element));
  }
  tag.remove_prefix(element.size());
  while (true) {
    const auto begin = tag.find_first_not_of(" \t\r\n/");
    if (begin == std::string_view::npos) {
      return;
    }
    tag.remove_prefix(begin);
    const std::string_view name = leading_name(tag);
    if (name.empty() || name.starts_with("on") || name.ends_with("href") || name == "style") {
      refuse(fmt::format("an attribute `{}`", name));
    }
    tag.remove_prefix(name.size());
    const auto end = tag.find('"', 2);
    if (!tag.starts_with("=\"") || end == std::string_view::npos) {
      refuse(fmt::format("an attribute `{}` without a value", name));
    }
    tag.remove_prefix(end + 1);
  }
}

/// The picture's root element, to stand in HTML: without prologue and comments. What a wheel says
/// is escaped text in it; that this is so is checked here once more.
std::string checked_picture(std::string_view svg) {
  std::string result;
  svg.remove_prefix(std::min(svg.find("<svg"), svg.size()));
  while (!svg.empty()) {
    const auto begin = std::min(svg.find('<'), svg.size());
    result += svg.substr(0, begin);
    svg.remove_prefix(begin);
    if (svg.empty()) {
      break;
    }
    const bool is_comment = svg.starts_with("<!--");
    const std::string_view closing = is_comment ? "-->" : ">";
    const auto end = svg.find(closing);
    if (end == std::string_view::npos) {
      refuse("a tag that does not end");
    }
    if (!is_comment) {
      check_tag(svg.substr(1, end - 1));
      result += svg.substr(0, end + 1);
    }
    svg.remove_prefix(end + closing.size());
  }
  return result;
}

/// The template with its places filled; what fills them is not looked at again.
std::string filled(std::string_view page, const std::map<std::string_view, std::string>& places) {
  std::string result;
  while (true) {
    const auto begin = page.find("{{");
    result += page.substr(0, begin);
    if (begin == std::string_view::npos) {
      return result;
    }
    const auto end = page.find("}}", begin);
    result += places.at(page.substr(begin + 2, end - begin - 2));
    page.remove_prefix(end + 2);
  }
}

}  // namespace

std::string graph_page(const std::string& json, const std::string& svg) {
  // The hashes are of all that stands between the tags, the line ends too.
  const std::string style = fmt::format("\n{}", kPageStyle);
  return filled(kPageHtml, {{"STYLE_HASH", policy_hash(style)},
                            {"SCRIPT_HASH", policy_hash(kPageScript)},
                            {"STYLE", style},
                            {"SVG", checked_picture(svg)},
                            {"JSON", for_script_element(json)},
                            {"SCRIPT", std::string(kPageScript)}});
}

}  // namespace spokeshave
