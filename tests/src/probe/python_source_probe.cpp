// What src/python_source.h and src/preload_block.h answer, for tests in Python to judge.
//
//   python_source_probe modules BLOCK_FILE < one module's path a line
//       for each module: a line of numbers, then the module with the block. The numbers: the first
//       statement's offset, the size of the module with the block, 1 if a second run changes
//       nothing, 1 if taking the block out gives the module back, the count of string literals, and
//       for each the offset and size of its value. `refused REASON` for a module without a place.

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "src/failure.h"
#include "src/preload_block.h"
#include "src/python_source.h"

namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void print_module(const std::string& source, const std::string& block) {
  const std::string with = spokeshave::with_preload_block(source, block);
  std::cout << spokeshave::first_statement_offset(source) << ' ' << with.size() << ' '
            << (spokeshave::with_preload_block(with, block) == with) << ' '
            << (spokeshave::without_preload_block(with) == source);
  const auto literals = spokeshave::string_literals(source);
  std::cout << ' ' << literals.size();
  for (const std::string_view literal : literals)
    std::cout << ' ' << literal.data() - source.data() << ' ' << literal.size();
  std::cout << '\n' << with;
}

void print_modules(const std::string& block) {
  for (std::string path; std::getline(std::cin, path);) {
    try {
      print_module(read_file(path), block);
    } catch (const spokeshave::Failure& failure) {
      std::cout << "refused " << failure.cause() << '\n';
    }
    std::cout << std::flush;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  print_modules(read_file(argv[2]));
}
