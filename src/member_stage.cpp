#include "src/member_stage.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>

#include "elf/error.h"
#include "src/failure.h"
#include "src/library_proof.h"
#include "src/member_check.h"
#include "src/member_source.h"
#include "src/regular_file.h"
#include "src/rewritten_source.h"
#include "src/size.h"
#include "src/workers.h"
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

/// The rewrite's patches and tail, which must outlive it.
wheel::SpliceEdits splice_edits(const elf::Rewrite& rewrite) {
  wheel::SpliceEdits edits;
  for (const elf::Patch& patch : rewrite.patches) {
    edits.patches.push_back({patch.offset, patch.bytes});
  }
  edits.tail = rewrite.tail;
  return edits;
}

}  // namespace

/// What all libraries of one call have in common.
struct Stage::Work {
  const wheel::WheelFile& wheel;
  const std::string& hint;
  unsigned threads;
  Progress& progress;
};

void Stage::add_libraries(const wheel::WheelFile& wheel, const std::vector<StageJob>& jobs,
                          const std::string& hint, unsigned threads, Progress& progress) {
  const Work work{wheel, hint, threads, progress};
  std::vector<std::uint64_t> sizes;
  std::uint64_t to_decode = 0;
  for (const auto& job : jobs) {
    sizes.push_back(wheel.archive.find(job.member)->size);
    to_decode += sizes.back() * (job.image == nullptr ? 2 : 1);
  }
  progress.phase("rewriting", to_decode);
  std::mutex mutex;
  run_largest_first(sizes, threads, [&](std::size_t i, bool outlasts) {
    const wheel::Member& member = *wheel.archive.find(jobs[i].member);
    StagedLibrary staged = stage_library(work, jobs[i], member, outlasts);
    if (staged.changed()) {
      prove(work, member, outlasts, staged);
    }
    const std::scoped_lock lock(mutex);
    libraries_.emplace(member.name, std::move(staged));
  });
}

StagedLibrary Stage::stage_library(const Work& work, const StageJob& job,
                                   const wheel::Member& member, bool overlap) {
  wheel::MemberStream stream(packed_reader(work.wheel.archive, member), member, job.points);
  if (job.image == nullptr) {  // else all of it was compared with RECORD when that was read
    expect_hash_of_record(stream, work.wheel, member);
    stream.observe([&](std::span<const std::byte> piece) { work.progress.advance(piece.size()); });
    if (overlap) {
      stream.overlap();
    }
  }
  StagedLibrary staged;
  elf::Rewrite rewrite;
  MemberSource source(stream);
  staged.before = job.image != nullptr ? *job.image : parse_member(source, job.member, work.hint);
  try {
    rewrite = elf::rewrite(source, staged.before, job.edits);
  } catch (const elf::Error& error) {
    refuse(job.member, error, work.hint);
  }
  if (job.image == nullptr) {
    stream.finish();  // what is edited is compared first: a tampered library is not laundered
  }
  staged.changes = rewrite.changes;
  staged.placement = rewrite.placement;
  staged.appended_bytes = rewrite.tail.size();
  if (!staged.changed()) {
    return staged;
  }
  const auto begun = std::chrono::steady_clock::now();
  const wheel::SpliceEdits edits = splice_edits(rewrite);
  staged.note.packed_anew_because = wheel::splice_obstacle(member, edits);
  if (staged.note.packed_anew_because.empty()) {
    splice(work, member, edits, job.image == nullptr ? stream.points() : job.points, staged);
  } else {
    staged.member = pack_rewritten(work, member, rewrite);
    staged.note.new_bytes = staged.member.packed.packed_bytes;
  }
  staged.note.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return staged;
}

/// What is packed is held against CRC and RECORD as it is read for that, whoever read it before.
StagedMember Stage::pack_rewritten(const Work& work, const wheel::Member& member,
                                   const elf::Rewrite& rewrite) {
  wheel::MemberStream stream(work.wheel.archive, member);
  expect_hash_of_record(stream, work.wheel, member);
  MemberSource source(stream);
  RewrittenSource rewritten(source, rewrite);
  std::uint64_t position = 0;
  const std::scoped_lock lock(mutex_);  // packing keeps all threads busy by itself
  const StagedMember packed = pack(rewritten.size(), work.threads, [&](std::span<std::byte> out) {
    rewritten.read(position, out);
    position += out.size();
  });
  stream.finish();
  return packed;
}

void Stage::splice(const Work& work, const wheel::Member& member, const wheel::SpliceEdits& edits,
                   const wheel::MemberPoints& points, StagedLibrary& staged) {
  wheel::Spliced spliced =
      wheel::splice(packed_reader(work.wheel.archive, member), member, edits, points);
  staged.pieces = std::move(spliced.pieces);
  staged.note.new_bytes = spliced.new_bytes.size();
  staged.member.packed = {
      .packed_bytes = spliced.packed_bytes, .size = spliced.size, .crc = spliced.crc, .digest = {}};
  const std::scoped_lock lock(mutex_);
  staged.member.offset = end_;
  wheel::write_at(spool_.descriptor(), end_, spliced.new_bytes);
  end_ += spliced.new_bytes.size();
}

/// The hash that RECORD gets is of what these bytes unpack to: that this is the edited library, the
/// CRC says, which the splice works out from the original's, and packing from what it packs.
void Stage::prove(const Work& work, const wheel::Member& member, bool overlap,
                  StagedLibrary& staged) {
  wheel::Packed& packed = staged.member.packed;
  ProvedLibrary proved = prove_library(packed_bytes(staged, work.wheel.archive, member),
                                       {member.name, packed.packed_bytes, packed.size, packed.crc},
                                       overlap, work.progress);
  if (staged.pieces.empty() && proved.digest != packed.digest) {
    throw library_not_proved(member.name, "it does not unpack to what was packed");
  }
  packed.digest = proved.digest;
  staged.member.crc_of_packed = proved.crc_of_packed;
  staged.after = std::move(proved.image);
}

wheel::PackedBytes Stage::packed_bytes(const StagedLibrary& staged, const wheel::Archive& archive,
                                       const wheel::Member& original) const {
  return staged.pieces.empty()
             ? packed_bytes(staged.member)
             : wheel::spliced_bytes(archive.packed_part(original), spool_.descriptor(),
                                    staged.member.offset, staged.pieces);
}

wheel::PackedBytes Stage::packed_bytes(const StagedMember& staged) const {
  return wheel::PackedBytes(
      wheel::FilePart{spool_.descriptor(), staged.offset, staged.packed.packed_bytes});
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
  std::uint64_t position = 0;
  const StagedMember staged = pack(static_cast<std::uint64_t>(file->status().st_size), threads,
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

StagedMember Stage::pack(std::uint64_t size, unsigned threads,
                         const std::function<void(std::span<std::byte>)>& read) {
  StagedMember staged{.offset = end_, .packed = {}};
  staged.packed =
      wheel::deflate_stream(size, threads, read, [&](std::span<const std::byte> packed) {
        wheel::write_at(spool_.descriptor(), end_, packed);
        end_ += packed.size();
      });
  return staged;
}

const StagedLibrary* Stage::find_library(const std::string& member) const {
  const auto found = libraries_.find(member);
  return found == libraries_.end() ? nullptr : &found->second;
}

const StagedMember* Stage::find_file(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

std::vector<std::string> Stage::notes() const {
  std::vector<std::string> lines;
  for (const auto& [member, staged] : libraries_) {
    if (!staged.changed()) {
      continue;
    }
    const StagingNote& note = staged.note;
    const std::string packed = format_size(staged.member.packed.packed_bytes);
    lines.push_back(note.packed_anew_because.empty()
                        ? fmt::format("{}: spliced, {} of {} new, {:.1f} s", printable(member),
                                      format_size(note.new_bytes), packed, note.seconds)
                        : fmt::format("{}: packed anew to {}, since {}, {:.1f} s",
                                      printable(member), packed, note.packed_anew_because,
                                      note.seconds));
  }
  return lines;
}

std::map<std::string, std::uint64_t> Stage::packed_sizes() const {
  std::map<std::string, std::uint64_t> sizes;
  for (const auto& [member, staged] : libraries_) {
    sizes[member] = staged.member.packed.packed_bytes;
  }
  return sizes;
}

}  // namespace spokeshave
