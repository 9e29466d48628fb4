// What wheel/requirement.h, wheel/specifiers.h and wheel/tags.h answer, for tests in Python to
// judge.
//
//   requirement_probe < lines of a JSON array [KIND, TEXT...], a question a line
//       a line of JSON for each: {"refused": WHY} or what was read. KIND is requirement,
//       specifiers, same (two requirements), python, abi, platform, build, or expanded (a file
//       name).

#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "wheel/error.h"
#include "wheel/filename.h"
#include "wheel/requirement.h"
#include "wheel/specifiers.h"
#include "wheel/tags.h"

namespace {

using nlohmann::json;

json answer(const std::string& kind, const json& question) {
  const std::string text = question.at(1);
  const std::map<std::string, void (*)(std::string_view)> checks = {
      {"specifiers", wheel::check_specifiers},
      {"python", wheel::check_python_tag},
      {"abi", wheel::check_abi_tag},
      {"platform", wheel::check_platform_tag},
      {"build", wheel::check_build}};
  if (const auto check = checks.find(kind); check != checks.end()) {
    check->second(text);
    return json::object();
  }
  if (kind == "same")
    return {{"same", wheel::is_same_requirement(
                         wheel::parse_requirement(text),
                         wheel::parse_requirement(question.at(2).get<std::string>()))}};
  if (kind == "expanded") return {{"tags", wheel::expanded_tags(wheel::parse_filename(text))}};
  const wheel::Requirement requirement = wheel::parse_requirement(text);
  return {{"name", requirement.name},
          {"extras", requirement.extras},
          {"specifier", requirement.specifier},
          {"url", requirement.url},
          {"marker", requirement.marker}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const json question = json::parse(line);
    json said;
    try {
      said = answer(question.at(0), question);
    } catch (const wheel::Error& error) {
      said = {{"refused", error.what()}};
    }
    std::cout << said.dump(-1, ' ', true, json::error_handler_t::replace) << '\n' << std::flush;
  }
}
