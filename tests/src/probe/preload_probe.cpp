// The preload block and what is made of it, for tests in Python to judge. All read lines of
// PATH \t SONAME \t REQUIREMENT \t 0|1 \t 0|1 from stdin: needs other wheels, is global.
//
//   preload_probe block INIT_PATH            the block
//   preload_probe sitecustomize PACKAGE      the module that does the same from outside
//   preload_probe diff WHEEL INIT_PATH       the diff for rules_python
//   preload_probe write WHEEL INIT_PATH DIR  the wheel with the block, into DIR; a suffix behind it
//                                            and a diff may follow

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "src/failure.h"
#include "src/patch_wheel.h"
#include "src/preload_block.h"
#include "src/preload_formats.h"
#include "wheel/wheel_file.h"

namespace {

using Arguments = std::vector<std::string>;

std::vector<spokeshave::PreloadLibrary> read_libraries() {
  std::vector<spokeshave::PreloadLibrary> libraries;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream fields(line);
    spokeshave::PreloadLibrary library;
    std::getline(fields, library.path, '\t');
    std::getline(fields, library.soname, '\t');
    std::getline(fields, library.requirement, '\t');
    fields >> library.needs_other_wheels >> library.global;
    libraries.push_back(library);
  }
  return libraries;
}

void write_wheel(const Arguments& arguments) {
  spokeshave::PatchOptions options;
  spokeshave::PatchRequest& request = options.request;
  request.preload = {arguments.at(2), spokeshave::preload_block(read_libraries(), arguments.at(2))};
  options.out_dir = arguments.at(3);
  if (arguments.size() > 4 && !arguments[4].empty()) request.suffix = arguments[4];
  if (arguments.size() > 5) request.diffs.sources = {{arguments[5], false}};
  std::vector<spokeshave::PreparedWheel> wheels;
  wheels.push_back(spokeshave::prepare_wheel(arguments.at(1), request, options));
  spokeshave::publish_wheels(wheels, options);
}

void answer(const Arguments& arguments) {
  const std::string& what = arguments.at(0);
  if (what == "block")
    std::cout << spokeshave::preload_block(read_libraries(), arguments.at(1));
  else if (what == "sitecustomize")
    std::cout << spokeshave::preload_sitecustomize(read_libraries(), arguments.at(1));
  else if (what == "diff")
    std::cout << spokeshave::preload_diff(
        wheel::open_wheel(arguments.at(1)), arguments.at(2),
        spokeshave::preload_block(read_libraries(), arguments.at(2)));
  else
    write_wheel(arguments);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    answer({argv + 1, argv + argc});
  } catch (const spokeshave::Failure& failure) {
    std::cerr << spokeshave::to_text(failure);
    return static_cast<int>(failure.code());
  }
}
