#include "src/elf_file_patch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "elf/error.h"
#include "src/edit_proof.h"
#include "src/elf_magic.h"
#include "src/failure.h"
#include "src/file_source.h"
#include "src/in_place.h"
#include "src/output_file.h"
#include "src/output_folder.h"
#include "src/regular_file.h"
#include "src/rewritten_source.h"
#include "wheel/error.h"

namespace spokeshave {

namespace {

namespace fs = std::filesystem;

// ------------------------------------------------------------- the failures

std::string with_offset(const elf::Error& error) {
  return fmt::format("{} (offset {:#x})", error.what(), error.offset());
}

Failure cannot_read(const std::string& path, const std::string& why) {
  return {ExitCode::kFailed, fmt::format("cannot read `{}`", path), why,
          "check the path, and that you may read the file"};
}

std::string hint_for(int why, bool in_place) {
  switch (why) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return in_place
                 ? "nothing was changed; make room for what is appended"
                 : "nothing was changed; make room, or write only what changes with --in-place";
    case ETXTBSY:
      return "leave --in-place out: then what runs keeps the old file, and the new one takes its "
             "name";
    case EEXIST:
      return "overwrite it with --force, or choose another --out";
    default:
      return in_place ? "check that you may write to the file, or write elsewhere with --out"
                      : "check that you may write to the file and its folder, or write elsewhere "
                        "with --out";
  }
}

Failure cannot_write(const std::string& path, int why, bool in_place) {
  return {ExitCode::kFailed, fmt::format("cannot write `{}`", path),
          std::generic_category().message(why), hint_for(why, in_place)};
}

Failure was_changed(const std::string& path) {
  return {ExitCode::kFailed, fmt::format("cannot patch `{}`", path),
          "somebody else has changed or replaced it meanwhile",
          "nothing was written; run it again when nobody else writes to it"};
}

/// Whatever the disk says while `work` goes on, told of `path`.
template <typename Work>
auto reading(const std::string& path, Work work) {
  try {
    return work();
  } catch (const std::system_error& error) {
    const bool is_special = error.code().value() == EINVAL;
    throw cannot_read(path, is_special ? "it is not a regular file" : error.code().message());
  } catch (const wheel::Error& error) {
    throw cannot_read(path, error.what());
  }
}

template <typename Work>
auto writing(const std::string& path, bool in_place, Work work) {
  try {
    return work();
  } catch (const std::system_error& error) {
    throw cannot_write(path, error.code().value(), in_place);
  } catch (const wheel::Error&) {
    throw was_changed(path);
  }
}

// ----------------------------------------------------------------- the plan

struct Plan {
  elf::Image image;
  elf::Rewrite rewrite;
};

elf::Image parse_library(FileSource& source, const std::string& path) {
  try {
    return elf::parse(source);
  } catch (const elf::Error& error) {
    throw Failure(ExitCode::kFailed, fmt::format("cannot read `{}`", path), with_offset(error),
                  "it is damaged, or made for no loader; get it again from where it came from");
  }
}

Plan plan_patch(const RegularFile& file, const ElfFilePatch& patch) {
  FileSource source(file.descriptor());
  if (!begins_as_elf(source)) {
    throw Failure(ExitCode::kFailed, fmt::format("`{}` is no ELF file", patch.path),
                  "it does not begin with the four bytes of one",
                  "name a shared library, a program or a wheel");
  }
  Plan plan;
  plan.image = parse_library(source, patch.path);
  try {
    plan.rewrite = elf::rewrite(source, plan.image, patch.edits);
    return plan;
  } catch (const elf::Error& error) {
    throw Failure(ExitCode::kFound, fmt::format("`{}` cannot be rewritten", patch.path),
                  with_offset(error), "nothing was written; leave this edit out");
  } catch (const std::invalid_argument& error) {
    throw Failure(ExitCode::kUsage, fmt::format("`{}` cannot be edited so", patch.path),
                  error.what(), "leave one of the edits out");
  }
}

/// Reads back what is to be, or is, the result.
void prove(elf::Source& result, const Plan& plan, const ElfFilePatch& patch) {
  std::optional<std::string> why;
  try {
    why = unkept_wish(plan.image, patch.edits, elf::parse(result));
  } catch (const elf::Error& error) {
    why = with_offset(error);
  }
  if (!why) return;
  throw Failure(ExitCode::kFailed, fmt::format("the patched `{}` does not hold", patch.path), *why,
                "nothing was written; report it as a bug of spokeshave, with the file");
}

// -------------------------------------------------------------- the writing

/// Where the result goes that is a file of its own.
struct Destination {
  std::string folder;
  std::string path;
  bool overwrite = false;
  Owner owner = Owner::kAsBefore;
};

/// The file itself, or what the link leads to. Who may not write to it may not replace it either.
Destination over_itself(const std::string& path) {
  const fs::path target = reading(path, [&] { return fs::canonical(path); });
  const bool writable = ::faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) == 0;
  if (!writable && errno != ETXTBSY) throw cannot_write(path, errno, false);
  return {.folder = target.parent_path(), .path = target, .overwrite = true};
}

Destination into_folder(const ElfFilePatch& patch) {
  const fs::path path = fs::path(*patch.out_folder) / fs::path(patch.path).filename();
  std::error_code ignored;
  if (fs::equivalent(path, patch.path, ignored)) {
    throw Failure(ExitCode::kUsage, fmt::format("cannot write `{}`", path.string()),
                  "it is the file that is to be patched",
                  "leave --out out to replace it, or choose another folder");
  }
  if (!patch.force && fs::exists(fs::symlink_status(path, ignored))) {
    throw Failure(ExitCode::kFailed, fmt::format("cannot write `{}`", path.string()),
                  "a file of this name is there", hint_for(EEXIST, false));
  }
  return {*patch.out_folder, path, patch.force, Owner::kIfMay};
}

void write_copy(const RegularFile& file, const Plan& plan, const ElfFilePatch& patch,
                const Destination& to) {
  OutputFile output(to.folder);
  ::fchmod(output.descriptor(), 0600);  // until it is known who may read it
  copy_content(file.descriptor(), output.descriptor(), plan.rewrite.original_size);
  for (const elf::Patch& each : plan.rewrite.patches) {
    wheel::write_at(output.descriptor(), each.offset, each.bytes);
  }
  wheel::write_at(output.descriptor(), plan.rewrite.original_size, plan.rewrite.tail);
  FileSource result(output.descriptor());
  prove(result, plan, patch);
  copy_attributes(file.descriptor(), output.descriptor(), file.status(), to.owner);
  if (!file.is_unchanged_at(patch.path)) throw was_changed(patch.path);
  output.publish(to.path, to.overwrite);
}

void write_in_place(const RegularFile& file, const Plan& plan, const ElfFilePatch& patch) {
  FileSource original(file.descriptor());
  RewrittenSource result(original, plan.rewrite);
  prove(result, plan, patch);
  const RegularFile writable(patch.path, RegularFile::Access::kReadAndWrite);
  if (!writable.is_same_as(file) || !file.is_unchanged_at(patch.path)) {
    throw was_changed(patch.path);
  }
  write_rewrite_in_place(writable.descriptor(), plan.rewrite);
}

}  // namespace

bool is_elf_file(const std::string& path) {
  try {
    const RegularFile file(path);
    FileSource source(file.descriptor());
    return begins_as_elf(source);
  } catch (const std::system_error&) {
    return false;
  } catch (const wheel::Error&) {  // it has become shorter
    return false;
  }
}

std::string output_path(const ElfFilePatch& patch) {
  return patch.out_folder ? into_folder(patch).path : patch.path;
}

PatchedElfFile patch_elf_file(const ElfFilePatch& patch) {
  if (patch.in_place && patch.out_folder) {
    throw Failure(ExitCode::kUsage, "--in-place and --out exclude each other",
                  "the one writes into the file, the other leaves it alone",
                  "leave one of them out");
  }
  std::optional<RegularFile> file;
  reading(patch.path, [&] { file.emplace(patch.path); });
  Plan plan = reading(patch.path, [&] { return plan_patch(*file, patch); });
  PatchedElfFile result{.path = patch.path,
                        .untouched = plan.rewrite.empty(),
                        .changes = plan.rewrite.changes,
                        .placement = plan.rewrite.placement,
                        .appended_bytes = plan.rewrite.tail.size(),
                        .before = plan.image};
  if (patch.dry_run) return result;
  if (patch.out_folder) {
    const Destination to = into_folder(patch);
    OutputFolder folder(*patch.out_folder);
    result.path = to.path;
    writing(to.path, false, [&] { write_copy(*file, plan, patch, to); });
    folder.keep();
  } else if (!result.untouched) {
    writing(patch.path, patch.in_place, [&] {
      if (patch.in_place) return write_in_place(*file, plan, patch);
      write_copy(*file, plan, patch, over_itself(patch.path));
    });
  }
  return result;
}

}  // namespace spokeshave
