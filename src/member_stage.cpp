#include "src/member_stage.h"

#include <fmt/format.h>

#include <cerrno>
#include <optional>
#include <system_error>

#include "elf/error.h"
#include "src/failure.h"
#include "src/member_check.h"
#include "src/member_source.h"
#include "src/regular_file.h"
#include "src/rewritten_source.h"
#include "wheel/error.h"
#include "wheel/file_window.h"
#include "wheel/member_stream.h"

namespace spokeshave {

namespace {

elf::Image parse_member(MemberSource& source, const std::string& member, const std::string& hint) {
  try {
    return elf::parse(source);
  } catch (const elf::Error& error) {
    throw Failure(ExitCode::kFailed, fmt::format("cannot read `{}`", member),
                  fmt::format("{} (offset {:#x})", error.what(), error.offset()),
                  fmt::format("it is damaged; {}", hint));
  }
}

[[noreturn]] void refuse(const std::string& member, const elf::Error& error,
                         const std::string& hint) {
  throw Failure(ExitCode::kFound, fmt::format("`{}` cannot be rewritten", member),
                fmt::format("{} (offset {:#x})", error.what(), error.offset()), hint);
}

}  // namespace

void Stage::add_libraries(const wheel::WheelFile& wheel, const std::vector<StageJob>& jobs,
                          const std::string& hint, unsigned threads, Progress& progress) {
  std::uint64_t total = 0;
  for (const auto& job : jobs) {
    total += wheel.archive.find(job.member)->size;
  }
  progress.phase("rewriting", total);
  for (const auto& job : jobs) {
    add_library(wheel, job, hint, threads, progress);
  }
}

void Stage::add_library(const wheel::WheelFile& wheel, const StageJob& job, const std::string& hint,
                        unsigned threads, Progress& progress) {
  wheel::MemberStream stream(wheel.archive, *wheel.archive.find(job.member));
  if (job.image == nullptr) {  // else all of it was compared with RECORD when that was read
    expect_hash_of_record(stream, wheel, *wheel.archive.find(job.member));
    if (threads > 1) {
      stream.overlap();
    }
  }
  StagedLibrary staged;
  elf::Rewrite rewrite;
  MemberSource source(stream);
  staged.before = job.image != nullptr ? *job.image : parse_member(source, job.member, hint);
  try {
    rewrite = elf::rewrite(source, staged.before, job.edits);
  } catch (const elf::Error& error) {
    refuse(job.member, error, hint);
  }
  staged.changes = rewrite.changes;
  staged.placement = rewrite.placement;
  staged.appended_bytes = rewrite.tail.size();
  if (staged.changed()) {
    RewrittenSource rewritten(source, rewrite);
    std::uint64_t position = 0;
    staged.member.offset = end_;
    staged.member.packed = pack(rewritten.size(), threads, [&](std::span<std::byte> out) {
      rewritten.read(position, out);
      position += out.size();
      progress.advance(out.size());
    });
  }
  stream.finish();  // what is edited is compared first: a tampered library is not laundered
  libraries_.emplace(job.member, std::move(staged));
}

void Stage::add_file(const std::string& name, const std::string& path, unsigned threads) {
  const auto unreadable = [&](const std::string& why) {
    return Failure(ExitCode::kFailed, fmt::format("cannot read `{}`", path), why,
                   "check the path, and that you may read the file");
  };
  std::optional<RegularFile> file;
  try {
    file.emplace(path);
  } catch (const std::system_error& error) {
    throw unreadable(error.code().value() == EINVAL ? "it is not a regular file"
                                                    : error.code().message());
  }
  StagedMember staged;
  staged.offset = end_;
  std::uint64_t position = 0;
  staged.packed = pack(static_cast<std::uint64_t>(file->status().st_size), threads,
                       [&](std::span<std::byte> out) {
                         try {
                           wheel::read_at(file->descriptor(), position, out);
                         } catch (const wheel::Error& error) {
                           throw unreadable(error.what());
                         }
                         position += out.size();
                       });
  files_.emplace(name, staged);
}

wheel::Packed Stage::pack(std::uint64_t size, unsigned threads,
                          const std::function<void(std::span<std::byte>)>& read) {
  return wheel::deflate_stream(size, threads, read, [&](std::span<const std::byte> packed) {
    wheel::write_at(spool_.descriptor(), end_, packed);
    end_ += packed.size();
  });
}

const StagedLibrary* Stage::find_library(const std::string& member) const {
  const auto found = libraries_.find(member);
  return found == libraries_.end() ? nullptr : &found->second;
}

const StagedMember* Stage::find_file(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

std::map<std::string, std::uint64_t> Stage::packed_sizes() const {
  std::map<std::string, std::uint64_t> sizes;
  for (const auto& [member, staged] : libraries_) {
    sizes[member] = staged.member.packed.packed_bytes;
  }
  return sizes;
}

}  // namespace spokeshave
