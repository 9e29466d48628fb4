#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "src/symbol_edges.h"
#include "src/symbol_output.h"

namespace spokeshave {

namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json symbols_json(const SymbolSurvey& survey, std::size_t library,
                  const std::vector<std::uint32_t>& symbols) {
  Json list = Json::array();
  for (const auto& symbol : show_symbols(survey, library, symbols)) {
    list.push_back({{"name", symbol.name},
                    {"demangled", symbol.demangled},
                    {"version", text_or_null(symbol.version)},
                    {"version_file", text_or_null(symbol.version_file)}});
  }
  return list;
}

const char* word_of(Declared declared) {
  switch (declared) {
    case Declared::kDirectly:
      return "directly";
    case Declared::kIndirectly:
      return "indirectly";
    case Declared::kNot:
      return "no";
  }
  return "";
}

Json crossings_json(const SymbolSurvey& survey, const std::vector<const Crossing*>& listed) {
  Json list = Json::array();
  for (const auto& crossing : survey.report.crossings) {
    Json entry = {{"from", crossing.from},
                  {"to", crossing.to},
                  {"count", crossing.symbols.size()},
                  {"declared", word_of(crossing.declared)}};
    if (crossing.declared == Declared::kNot ||
        std::find(listed.begin(), listed.end(), &crossing) != listed.end()) {
      entry["symbols"] = symbols_json(survey, crossing.from, crossing.symbols);
    }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::string symbol_json(const SymbolSurvey& survey, const EdgeGlobs* listed) {
  const std::vector<const Crossing*> to_list =
      listed == nullptr ? std::vector<const Crossing*>() : matching_crossings(survey, *listed);
  const SymbolReport& report = survey.report;
  Json json = {{"crossings", crossings_json(survey, to_list)},
               {"missing", Json::array()},
               {"elsewhere", Json::array()},
               {"not_looked_into", report.not_looked_into},
               {"unread", Json::array()},
               {"from_system", report.from_system},
               {"from_python", report.from_python}};
  for (const auto& unprovided : report.unprovided) {
    if (unprovided.may_come_from.empty()) {
      json["missing"].push_back(
          {{"library", unprovided.library},
           {"symbols", symbols_json(survey, unprovided.library, unprovided.symbols)}});
    } else {
      json["elsewhere"].push_back(
          {{"library", unprovided.library},
           {"may_come_from", unprovided.may_come_from},
           {"symbols", symbols_json(survey, unprovided.library, unprovided.symbols)}});
    }
  }
  for (const auto& unread : survey.unread) {
    json["unread"].push_back({{"library", unread.library}, {"why", unread.why}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace spokeshave
