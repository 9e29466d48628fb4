// usage: loader_probe SYSTEM_NAMES FOLDER...
// What the loader model says of the libraries on this disk, for a test in Python to judge. The set
// is every ELF file below the folders, with the links to them; the system brings the names that the
// file SYSTEM_NAMES holds, one a line. On stdin, one a line, tabs between the words:
//   process             a new process, into which nothing is loaded
//   open PATH           dlopen of a path
//   name CALLER NAME    dlopen of a bare name by code of the library at the path CALLER
// On stdout, for each dlopen, `need FROM NAME RULE TO` for each need in order (TO is empty where it
// is met by no library of the set), then `end ok` or `end failed`.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "elf/error.h"
#include "elf/image.h"
#include "elf/loader.h"

namespace {

namespace fs = std::filesystem;

class FileSource final : public elf::Source {
 public:
  explicit FileSource(const fs::path& path)
      : file_(path, std::ios::binary), size_(fs::file_size(path)) {}
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::span<std::byte> out) override {
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
    if (!file_) throw std::runtime_error("a file ends early");
  }

 private:
  std::ifstream file_;
  std::uint64_t size_;
};

bool is_elf(const fs::path& path) {
  std::array<char, 4> magic{};
  std::ifstream(path, std::ios::binary).read(magic.data(), magic.size());
  return elf::has_elf_magic(std::as_bytes(std::span(magic)));
}

/// None where the file is no library.
std::optional<elf::InstalledLibrary> read_library(const fs::directory_entry& entry) {
  if (!entry.is_regular_file() || !is_elf(entry.path())) return std::nullopt;
  if (entry.is_symlink()) {
    return elf::InstalledLibrary{.path = entry.path(), .link_to = fs::canonical(entry.path())};
  }
  try {
    FileSource source(entry.path());
    return elf::installed(entry.path(), elf::parse(source));
  } catch (const elf::Error& error) {
    std::cerr << entry.path() << ": " << error.what() << "\n";
    return std::nullopt;
  }
}

std::vector<elf::InstalledLibrary> libraries_below(const std::vector<std::string>& folders) {
  std::vector<elf::InstalledLibrary> libraries;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::canonical(folder))) {
      if (auto library = read_library(entry)) libraries.push_back(std::move(*library));
    }
  }
  return libraries;
}

std::set<std::string, std::less<>> lines_of(const std::string& path) {
  std::set<std::string, std::less<>> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.insert(line);
  return lines;
}

std::string rule_name(elf::Rule rule) {
  static const std::map<elf::Rule, std::string> names{
      {elf::Rule::kAlreadyLoaded, "already-loaded"},
      {elf::Rule::kPath, "path"},
      {elf::Rule::kRpath, "rpath"},
      {elf::Rule::kLdLibraryPath, "ld-library-path"},
      {elf::Rule::kRunpath, "runpath"},
      {elf::Rule::kSystem, "system"},
      {elf::Rule::kMissing, "missing"}};
  return names.at(rule);
}

class Probe {
 public:
  Probe(const std::string& system_names, const std::vector<std::string>& folders)
      : libraries_(libraries_below(folders)), system_(lines_of(system_names)) {
    start_process();
  }

  void obey(const std::string& line) {
    std::istringstream words(line);
    std::string command;
    std::string first;
    std::string second;
    std::getline(words, command, '\t');
    std::getline(words, first, '\t');
    std::getline(words, second, '\t');
    if (command == "process") {
      start_process();
    } else if (command == "open") {
      print(process_->open(first));
    } else if (command == "name") {
      print(process_->open_by_name(library_at(first), second));
    } else {
      throw std::runtime_error("no such command: " + line);
    }
  }

 private:
  void start_process() {
    elf::Environment environment;
    environment.is_system = [this](std::string_view name) { return system_.contains(name); };
    process_.emplace(libraries_, std::move(environment));
  }

  std::size_t library_at(const std::string& path) const {
    const auto found = std::ranges::find(libraries_, path, &elf::InstalledLibrary::path);
    if (found == libraries_.end()) throw std::runtime_error("no library at " + path);
    return static_cast<std::size_t>(found - libraries_.begin());
  }

  void print(const std::vector<elf::Resolution>& resolutions) const {
    bool failed = false;
    for (const elf::Resolution& met : resolutions) {
      failed = failed || met.rule == elf::Rule::kMissing;
      std::cout << "need\t" << libraries_[met.from].path << '\t' << met.needed << '\t'
                << rule_name(met.rule) << '\t' << (met.to ? libraries_[*met.to].path : "") << '\n';
    }
    std::cout << "end\t" << (failed ? "failed" : "ok") << std::endl;
  }

  const std::vector<elf::InstalledLibrary> libraries_;
  const std::set<std::string, std::less<>> system_;
  std::optional<elf::Process> process_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: loader_probe SYSTEM_NAMES FOLDER...\n";
    return 2;
  }
  try {
    Probe probe(argv[1], {argv + 2, argv + argc});
    for (std::string line; std::getline(std::cin, line);) probe.obey(line);
  } catch (const std::exception& error) {
    std::cerr << "loader_probe: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
