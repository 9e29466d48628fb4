// What src/metadata_edits.h answers, for tests in Python to judge.
//
//   metadata_probe < lines of JSON {"metadata": TEXT, "drop", "add", "set": [...], "python",
//                    "version": null or TEXT}
//       a line of JSON for each: {"text", "changes", "notes"}, or {"refused": WHY, "code"}

#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "src/failure.h"
#include "src/metadata_edits.h"
#include "wheel/metadata.h"

namespace {

using nlohmann::json;

std::optional<std::string> text_or_nothing(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
}

json answer(const json& question) {
  spokeshave::MetadataEdits edits;
  edits.drop_requires = question.at("drop");
  edits.add_requires = question.at("add");
  edits.set_requires = question.at("set");
  edits.requires_python = text_or_nothing(question.at("python"));
  const auto edited =
      spokeshave::edited_metadata(wheel::Headers(question.at("metadata").get<std::string>()), edits,
                                  text_or_nothing(question.at("version")));
  return {{"text", edited.text}, {"changes", edited.changes}, {"notes", edited.notes}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    json said;
    try {
      said = answer(json::parse(line));
    } catch (const spokeshave::Failure& failure) {
      said = {{"refused", failure.what()}, {"code", static_cast<int>(failure.code())}};
    }
    std::cout << said.dump() << '\n' << std::flush;
  }
}
