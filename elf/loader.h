#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elf/image.h"

// A model of the dynamic loader: which file does it take for each NEEDED, and by which rule. It
// never touches a disk: it is asked about a set of libraries that lie at given paths. Follows
//   glibc 2.36, elf/dl-load.c (_dl_map_object, open_path), elf/dl-deps.c (breadth first), ld.so(8);
//   musl 1.2.3, ldso/dynlink.c (load_library, path_open, fixup_rpath, load_deps, dlopen).
// Its limits: `..` is resolved by the letters, as if every folder existed and none were a symbolic
// link; the current folder holds none of the set; a search path leads to nothing but the set, even
// where it names a folder of the system; the program itself has no RPATH; libraries of
// several ABIs in one process do not see each other; the folders of glibc-hwcaps, DT_FILTER, and of
// musl its limit of 511 bytes for a path and a set that brings a libc of its own are not modelled.
namespace elf {

/// One library of the set, as installed.
struct InstalledLibrary {
  std::string path = {};  ///< absolute and normalised, e.g. `/site-packages/torch/lib/libc10.so`
  Format format = {};
  std::uint16_t machine = 0;
  std::optional<std::string> soname = {};
  std::vector<std::string> needed = {};
  std::optional<std::string> rpath = {};
  std::optional<std::string> runpath = {};
  /// DF_1_NODEFLIB: ld.so does not look in the system's default folders for what this one needs.
  bool no_default_folders = false;
  /// This path is only one more name (a symbolic or a hard link) of the library of the set that
  /// lies at this normalised path; what else is said here is not looked at. Where no library of the
  /// set lies there, the link leads nowhere.
  std::optional<std::string> link_to = {};
};

InstalledLibrary installed(std::string path, const Image& image);

/// By which rule a need was met (ld.so(8), the search order).
enum class Rule {
  kAlreadyLoaded,  ///< a loaded library has this name or this SONAME
  kPath,           ///< the name has a slash: taken as a path
  kRpath,          ///< DT_RPATH of the library that needs it, or of one of its chain of loaders
  kLdLibraryPath,  ///< LD_LIBRARY_PATH
  kRunpath,  ///< DT_RUNPATH of the library that needs it; with musl also of its chain of loaders
  kSystem,  ///< by the system: ld.so.cache, a default folder, or the program itself; not by the set
  kMissing,  ///< nowhere
};

/// One place where the loader looked, or did not look, before it found or gave up.
struct Attempt {
  Rule rule = Rule::kMissing;  ///< the rule under which it was tried
  std::size_t owner = 0;       ///< the library whose RPATH or RUNPATH it was (index into the set)
  std::size_t entry = 0;       ///< which entry of that path, counted from 0
  std::string path = {};       ///< the file that was looked for
  std::string why_not = {};    ///< "no such file", "wrong machine", "skipped: has a RUNPATH", ...
};

/// What it takes in memory.
std::size_t bytes_of(const Attempt& attempt);

/// How one NEEDED of one library was met.
struct Resolution {
  std::size_t from = 0;  ///< the library that needs (index into the set)
  std::string needed = {};
  Rule rule = Rule::kMissing;
  /// The library that was taken (index into the set, never a link), none for kSystem and kMissing.
  std::optional<std::size_t> to = {};
  std::size_t path_owner = 0;  ///< kRpath, kRunpath: whose path it was
  std::size_t path_entry = 0;  ///< kRpath, kRunpath, kLdLibraryPath: which entry, counted from 0
  /// What was tried before, in order. Bounded: where paths and needs multiply to more than anybody
  /// reads, the first ones stand here.
  std::vector<Attempt> attempts = {};
  /// How many more there were. Of a chain of loaders, those of the first 128 libraries are counted.
  std::size_t omitted_attempts = 0;
};

/// Which needs' attempts a process writes down; of the others none are counted either.
enum class Noted { kAll, kOfMissing, kNone };

/// Whose rules hold: those of ld.so, or those of ld-musl.
enum class LoaderKind { kGlibc, kMusl };

/// The surroundings of a process.
struct Environment {
  std::vector<std::string> ld_library_path = {};  ///< folders, absolute
  /// Does the system bring a library of this name? None: it brings nothing.
  std::function<bool(std::string_view soname)> is_system = {};
  LoaderKind loader = LoaderKind::kGlibc;
  Noted noted = Noted::kAll;
  /// What $LIB and $PLATFORM stand for, as the distribution has it (Debian's $LIB:
  /// `lib/x86_64-linux-gnu`). Empty: what glibc itself says, `lib64` or for 32 bit `lib`; and
  /// `x86_64`.
  std::string lib = {};
  std::string platform = {};
};

/// One process, as the loader sees it: libraries are opened one after another and stay loaded.
/// `libraries` must outlive it. The order of the set does not matter for the answer.
class Process {
 public:
  Process(const std::vector<InstalledLibrary>& libraries, Environment environment);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;

  /// dlopen by absolute path, as Python's import and ctypes do: loads the library and, breadth
  /// first, what it needs. Returns how each need of each newly loaded library was met. As dlopen
  /// does, it fails whole: where a need is missing nothing of what this call loaded stays (the
  /// resolutions are still returned, those too that the loader does not come to after the first
  /// that is missing). `path` not in the set, or a link that leads nowhere: throws
  /// std::out_of_range.
  std::vector<Resolution> open(std::string_view path);

  /// dlopen by a bare name, called by code of the library `from`: its RPATH chain and RUNPATH are
  /// searched as for a NEEDED (musl: they are not), but they do not serve what the opened library
  /// needs: its chain ends with itself. The first resolution is that of the name itself.
  std::vector<Resolution> open_by_name(std::size_t from, std::string_view name);

  /// How the library's own needs would be met if it were opened now, without what they need in
  /// turn. Nothing stays loaded. None where it is loaded already; throws as open() does.
  std::vector<Resolution> own_needs(std::string_view path);

  /// Of a link: whether the library that it leads to is loaded.
  bool is_loaded(std::size_t library) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace elf
