#include "src/preload_twins.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "src/failure.h"

namespace spokeshave {

namespace {

const std::optional<std::string>& soname_of(const Inspection& inspection, std::size_t library) {
  return inspection.libraries[library].library->image.soname;
}

/// The edges by which what is reached asks for the library; none where one asks by another name
/// than the SONAME, which a twin would not meet.
std::vector<PreloadEdge*> edges_by_soname(const Inspection& inspection, PreloadModel& model,
                                          const PreloadNeeds& needs, std::size_t library) {
  std::vector<PreloadEdge*> asking;
  for (auto& edge : model.edges) {
    if (edge.to != library || edge.from == library || !needs.reached.contains(edge.from)) {
      continue;
    }
    if (edge.name != soname_of(inspection, library)) {
      return {};
    }
    asking.push_back(&edge);
  }
  return asking;
}

}  // namespace

std::vector<Twins> twins_among(const Inspection& inspection,
                               const std::vector<std::size_t>& order) {
  std::map<std::string, std::size_t> first;
  std::vector<Twins> twins;
  for (const std::size_t library : order) {
    const auto& soname = soname_of(inspection, library);
    if (!soname) {
      continue;
    }
    const auto [known, is_new] = first.emplace(*soname, library);
    if (!is_new) {
      twins.push_back({known->second, library});
    }
  }
  return twins;
}

bool leave_out_twin(const Inspection& inspection, PreloadModel& model, const PreloadOrder& loader,
                    const PreloadNeeds& needs, const std::vector<std::size_t>& order,
                    std::vector<std::string>& notes) {
  for (const Twins& twins : twins_among(inspection, order)) {
    const auto asking = edges_by_soname(inspection, model, needs, twins.second);
    if (asking.empty() || !loader.loads(twins.first, order)) {
      continue;
    }
    for (PreloadEdge* edge : asking) {
      edge->to = twins.first;
    }
    notes.push_back(twins_words(inspection, twins));
    return true;
  }
  return false;
}

std::string twins_words(const Inspection& inspection, const Twins& twins) {
  const auto words = [&](std::size_t library) {
    const auto& entry = inspection.libraries[library];
    return fmt::format("`{}` of {}", printable(entry.library->installed_path),
                       wheel_words(inspection.wheels[entry.wheel]));
  };
  return fmt::format(
      "{} and {} have one SONAME, `{}`: the first, loaded before, meets later needs for both",
      words(twins.first), words(twins.second), printable(*soname_of(inspection, twins.first)));
}

}  // namespace spokeshave
