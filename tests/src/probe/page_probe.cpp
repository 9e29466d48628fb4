// What src/graph_dot.h, src/graphviz.h and src/graph_page.h make of a document of `inspect --json`,
// so that tests can draw sets of libraries that no wheel holds.
//
//   page_probe dot < DOCUMENT
//   page_probe svg < DOCUMENT
//   page_probe page < DOCUMENT

#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "elf/format.h"
#include "src/failure.h"
#include "src/graph_dot.h"
#include "src/graph_page.h"
#include "src/graphviz.h"
#include "src/inspection.h"

namespace {

using Json = nlohmann::json;

spokeshave::Library library_of(const Json& json) {
  spokeshave::Library library;
  library.member = library.installed_path = json.at("path");
  library.size = json.at("installed_bytes");
  library.packed_bytes = json.at("packed_bytes");
  library.image.type = elf::ET_DYN;
  library.image.exports_python_init = json.at("kind") == "extension module";
  if (json.at("kind") == "program") library.image.type = elf::ET_EXEC;
  return library;
}

void add_wheels(const Json& document, spokeshave::Inspection& inspection) {
  for (const auto& wheel : document.at("wheels")) {
    auto& added = inspection.wheels.emplace_back();
    added.file_name = wheel.at("file");
    added.name = wheel.at("name");
    added.version = wheel.at("version");
    added.packed_bytes = wheel.at("packed_bytes");
    added.inventory.installed_bytes = wheel.at("installed_bytes");
  }
  for (const auto& library : document.at("libraries")) {
    const std::size_t wheel = library.at("wheel");
    inspection.wheels.at(wheel).inventory.libraries.push_back(library_of(library));
  }
  for (std::size_t wheel = 0; wheel < inspection.wheels.size(); ++wheel) {
    for (const auto& library : inspection.wheels[wheel].inventory.libraries) {
      auto& entry = inspection.libraries.emplace_back();
      entry.library = &library;
      entry.wheel = wheel;
    }
  }
}

void add_graph(const Json& document, spokeshave::NeedGraph& graph) {
  for (const auto& need : document.at("needs")) {
    auto& added = graph.needs.emplace_back();
    added.from = need.at("from");
    added.to = need.at("to");
    added.name = need.at("name");
    added.by_dlopen = need.at("by") == "dlopen";
    added.rule = need.at("rule") == "dlopen" ? elf::Rule::kMissing : elf::Rule::kRunpath;
  }
  for (const auto& need : document.at("outside"))
    graph.outside.push_back({need.at("from"), need.at("name")});
  for (const auto& need : document.at("missing"))
    graph.unmet.push_back({need.at("from"), need.at("name"), {}});
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  const std::string command = argv[1];
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const Json document = Json::parse(text);
  spokeshave::Inspection inspection;
  add_wheels(document, inspection);
  add_graph(document, inspection.graph);
  const std::string dot = spokeshave::graph_dot(inspection);
  if (command == "dot")
    std::cout << dot;
  else if (command == "svg")
    std::cout << spokeshave::graphviz_svg(dot);
  else
    std::cout << spokeshave::graph_page(text, spokeshave::graphviz_svg(dot));
} catch (const spokeshave::Failure& failure) {
  std::cerr << spokeshave::to_text(failure);
  return static_cast<int>(failure.code());
}
