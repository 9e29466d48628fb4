#include "tests/support/linked_library.h"

#include <filesystem>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/compile.h"
#include "tests/support/elf_poke.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

namespace support {
namespace {

constexpr std::uint64_t kDtRunpath = 29, kDtAuxiliary = 0x7ffffffd;

// A call and no jump, since dlopen knows its caller by the return address.
constexpr const char* kCall = R"(
void* call(void* (*f)(const char*, int), const char* name, int mode) {
  void* result = f(name, mode);
  __asm__ volatile("" ::: "memory");
  return result;
}
)";

/// Every word behind `-Xlinker` reaches the linker as it is, commas and all.
void link(const std::filesystem::path& file, const std::vector<std::string>& inputs,
          const std::vector<std::string>& linker_options) {
  static const auto object = build({.source = kCall, .flags = {"-c"}, .name = "call.o"});
  std::vector<std::string> argv{"gcc", "-shared", "-nostdlib", "-o", file, object};
  argv.insert(argv.end(), {"-Xlinker", "--no-as-needed"});
  argv.insert(argv.end(), inputs.begin(), inputs.end());
  for (const std::string& option : linker_options) argv.insert(argv.end(), {"-Xlinker", option});
  const auto result = run_program(argv, {{"LC_ALL", "C"}});
  if (result.status != 0) throw std::runtime_error(file.string() + ": " + result.err);
}

/// A library to link against, whose SONAME becomes the NEEDED.
std::string stub(const std::string& soname) {
  static const TempDir folder;
  static std::map<std::string, std::string> stubs;
  const auto [known, is_new] = stubs.try_emplace(soname);
  if (is_new) {
    known->second = (folder / (std::to_string(stubs.size()) + ".so")).string();
    link(known->second, {}, {"-soname", soname});
  }
  return known->second;
}

std::vector<std::string> path_options(const elf::InstalledLibrary& wanted) {
  if (wanted.rpath && wanted.runpath) {
    return {"--disable-new-dtags", "-rpath", *wanted.rpath, "--auxiliary", *wanted.runpath};
  }
  if (wanted.rpath) return {"--disable-new-dtags", "-rpath", *wanted.rpath};
  if (wanted.runpath) return {"--enable-new-dtags", "-rpath", *wanted.runpath};
  return {};
}

}  // namespace

elf::InstalledLibrary link_library(const elf::InstalledLibrary& wanted) {
  std::vector<std::string> stubs;
  for (const std::string& needed : wanted.needed) stubs.push_back(stub(needed));
  std::vector<std::string> options = path_options(wanted);
  if (wanted.soname) options.insert(options.end(), {"-soname", *wanted.soname});
  const std::filesystem::path file = wanted.path;
  std::filesystem::create_directories(file.parent_path());
  link(file, stubs, options);

  ElfPoke poke(file);
  poke.put(at::kMachine, 2, wanted.machine);
  if (wanted.rpath && wanted.runpath) poke.put(poke.dynamic(kDtAuxiliary), 8, kDtRunpath);
  poke.save();
  elf::MemorySource source(std::as_bytes(std::span(poke.bytes())));
  return elf::installed(wanted.path, elf::parse(source));
}

}  // namespace support
