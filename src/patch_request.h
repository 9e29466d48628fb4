#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "elf/edits.h"

namespace spokeshave {

/// What is to change in METADATA. Names are compared normalised (PEP 503).
struct MetadataEdits {
  std::vector<std::string> drop_requires;  ///< names: all their lines go
  std::vector<std::string> add_requires;   ///< PEP 508, a line each
  std::vector<std::string> set_requires;   ///< PEP 508; take the place of that name's lines
  std::optional<std::string> requires_python;

  bool operator==(const MetadataEdits&) const = default;
};

/// What is to change in the file name, and in WHEEL with it; several tags of a kind with `.`
/// between.
struct TagEdits {
  std::optional<std::string> build;  ///< empty: none
  std::optional<std::string> python_tag;
  std::optional<std::string> abi_tag;
  std::optional<std::string> platform_tag;

  bool operator==(const TagEdits&) const = default;
};

/// One --patch FILE or --patch-dir DIR.
struct DiffSource {
  std::string path;
  bool is_folder = false;  ///< all of its *.patch and *.diff, by name

  bool operator==(const DiffSource&) const = default;
};

struct DiffRequest {
  std::vector<DiffSource> sources;   ///< in the order in which they are applied
  unsigned strip_count = 1;          ///< leading folders that a path in a diff loses
  std::string patch_prog = "patch";  ///< GNU patch, by name or path

  bool operator==(const DiffRequest&) const = default;
};

struct FileAddition {
  std::string path;  ///< inside the wheel
  std::string file;  ///< on disk

  bool operator==(const FileAddition&) const = default;
};

struct ModeChange {
  std::string glob;
  std::uint32_t mode = 0;  ///< the permission bits, e.g. 0755

  bool operator==(const ModeChange&) const = default;
};

/// One --set-runpath GLOB=VALUE, or another such edit.
struct LibraryEdit {
  enum class Kind : std::uint8_t {
    kSetRunpath,
    kSetRpath,
    kRemoveRpath,  ///< RPATH and RUNPATH both
    kSetSoname,
    kReplaceNeeded,  ///< `old_name` by `value`
    kAddNeeded,
    kRemoveNeeded,
  };
  Kind kind = Kind::kSetRunpath;
  std::string glob;
  std::string value;     ///< empty for kRemoveRpath
  std::string old_name;  ///< of kReplaceNeeded

  bool operator==(const LibraryEdit&) const = default;
};

/// `--set-runpath`, ...: the option that stands for it, and the key of a recipe with `--` in front.
const char* option_of(LibraryEdit::Kind kind);

/// A preload block (src/preload_block.h) to be put into a module, or to replace the one there.
struct PreloadEdit {
  std::string init_path;  ///< the module's installed path, `torch/__init__.py`
  std::string block;

  bool operator==(const PreloadEdit&) const = default;
};

/// All that is to be done to one wheel (or, of it, the library edits to one ELF file), however it
/// was said: on the command line or in a recipe.
struct PatchRequest {
  std::optional<std::string> suffix;   ///< local version to append
  std::optional<std::string> version;  ///< the whole version
  MetadataEdits metadata;
  TagEdits tags;
  DiffRequest diffs;
  std::vector<FileAddition> additions;
  std::vector<std::string> removals;  ///< GLOBs
  std::vector<ModeChange> modes;
  std::vector<LibraryEdit> library_edits;
  std::optional<PreloadEdit> preload;  ///< what `preload --write` asks for; no recipe says it
  bool remove_preload = false;         ///< of every module that has a block

  bool empty() const;  ///< nothing is asked for
  bool operator==(const PatchRequest&) const = default;
};

}  // namespace spokeshave
