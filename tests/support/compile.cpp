#include "tests/support/compile.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

namespace support {
namespace {

std::string key_of(const Recipe& recipe) {
  std::string key = recipe.compiler + '\n' + recipe.name + '\n' + recipe.source + '\n';
  for (const std::string& flag : recipe.flags) key += flag + '\n';
  for (const auto& [name, text] : recipe.files) key += name + '\n' + text + '\n';
  return key + (recipe.executable ? "executable" : "library");
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::filesystem::path build_in(const std::filesystem::path& folder, const Recipe& recipe) {
  const bool cxx = recipe.compiler.ends_with("g++");
  const std::string source = cxx ? "specimen.cpp" : "specimen.c";
  std::filesystem::create_directories(folder);
  write_text(folder / source, recipe.source);
  for (const auto& [name, text] : recipe.files) write_text(folder / name, text);

  std::vector<std::string> argv{recipe.compiler, "-O1", "-o", recipe.name, source};
  if (!recipe.executable) argv.insert(argv.begin() + 1, {"-fPIC", "-shared"});
  argv.insert(argv.end(), recipe.flags.begin(), recipe.flags.end());
  const ProgramResult result = run_program(argv, {{"LC_ALL", "C"}}, folder.string());
  if (result.status != 0) {
    std::string words;
    for (const std::string& word : argv) words += word + ' ';
    throw std::runtime_error(words + "\n" + result.out + result.err);
  }
  return folder / recipe.name;
}

}  // namespace

std::filesystem::path build(const Recipe& recipe) {
  static const TempDir folder;
  static std::map<std::string, std::filesystem::path> built;
  const std::string key = key_of(recipe);
  if (const auto known = built.find(key); known != built.end()) return known->second;
  const auto path = build_in(folder / std::to_string(built.size()), recipe);
  built.emplace(key, path);
  return path;
}

bool has_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::string missing_programs(const std::vector<std::string>& names) {
  std::string missing;
  for (const std::string& name : names) {
    if (!has_program(name)) missing += (missing.empty() ? "not installed: " : ", ") + name;
  }
  return missing;
}

}  // namespace support
