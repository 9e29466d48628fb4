// index_rules_probe FOLDER: writes the made-up wheels there, each into a folder of its own, and
// says of each what is wrong with it and what check_index_rules() finds, as JSON lines.
// index_rules_probe FILE...: says what it finds in wheels that are there.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/faulty_wheels.h"
#include "wheel/error.h"
#include "wheel/index_rules.h"

namespace {

nlohmann::json found_in(const std::string& path) {
  nlohmann::json flaws = nlohmann::json::array();
  wheel::check_index_rules(path, [&](const wheel::IndexFlaw& found) {
    flaws.push_back({{"rule", found.flaw.rule},
                     {"member", found.flaw.member},
                     {"what", found.flaw.what},
                     {"refused_by", found.refused_by},
                     {"publication", found.kind == wheel::IndexRule::kPublication}});
  });
  return flaws;
}

void tell(const std::string& claim, const std::string& path) {
  std::cout << nlohmann::json{{"claim", claim}, {"path", path}, {"flaws", found_in(path)}}.dump()
            << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : "";
  if (!std::filesystem::is_directory(folder)) {
    for (int i = 1; i < argc; ++i) tell("", argv[i]);
    return 0;
  }
  std::size_t number = 0;
  for (const auto& wheels :
       {support::wheels_with_faulty_zips(), support::wheels_with_faulty_texts()}) {
    for (const support::FaultyWheel& wheel : wheels) {
      const std::filesystem::path own = folder / std::to_string(number++);
      std::filesystem::create_directory(own);
      const std::string path = own / wheel.file_name;
      std::ofstream(path, std::ios::binary) << wheel.bytes;
      tell(wheel.claim, path);
    }
  }
}
