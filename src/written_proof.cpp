#include "src/written_proof.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/library_proof.h"
#include "src/workers.h"
#include "wheel/deflate.h"
#include "wheel/error.h"
#include "wheel/member_stream.h"

namespace spokeshave {

namespace {

Failure broken(const std::string& file_name, const wheel::Error& error) {
  return not_proved(fmt::format("`{}`", file_name),
                    error.member().empty()
                        ? error.what()
                        : fmt::format("`{}`: {}", printable(error.member()), error.what()));
}

struct Job {
  const wheel::WheelFile* wheel;
  const NewMember* member;

  const wheel::Member& in_archive() const { return *wheel->archive.find(member->name); }
  /// Bytes to be decoded, or compared.
  std::uint64_t size() const {
    return member->proved ? in_archive().packed_bytes : in_archive().size;
  }
};

void decode_and_compare(const Job& job, bool overlap, Progress& progress) {
  wheel::MemberStream stream(job.wheel->archive, job.in_archive());
  stream.observe([&](std::span<const std::byte> piece) { progress.advance(piece.size()); });
  stream.expect(job.wheel->rows.at(job.member->name).hash);
  if (overlap) {
    stream.overlap();
  }
  stream.finish();
}

/// Whether the wheel holds what was decoded and hashed before, and says so.
void compare_with_proved(const Job& job, Progress& progress) {
  constexpr std::size_t kPiece = std::size_t{256} << 10;
  const wheel::Member& member = job.in_archive();
  const StagedMember& proved = *job.member->proved;
  const wheel::Packed& packed = proved.packed;
  if (member.method != wheel::Method::kDeflated || member.packed_bytes != packed.packed_bytes ||
      member.size != packed.size || member.crc != packed.crc) {
    throw wheel::Error(member.name, "its header is not that of what was proved");
  }
  if (job.wheel->rows.at(member.name).hash != wheel::record_hash(packed.digest)) {
    throw wheel::Error(member.name, "RECORD has another hash than that of what was proved");
  }
  std::vector<std::byte> bytes(kPiece);
  std::uint32_t crc = 0;
  for (std::uint64_t at = 0; at < member.packed_bytes; at += kPiece) {
    const auto piece = std::span(bytes).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, member.packed_bytes - at)));
    job.wheel->archive.read_packed(member, at, piece);
    crc = wheel::crc32_update(crc, piece);
    progress.advance(piece.size());
  }
  if (crc != proved.crc_of_packed) {
    throw wheel::Error(member.name, "its packed bytes are not those that were proved");
  }
}

}  // namespace

WrittenWheels prove_written(const std::vector<OutputFile>& outputs,
                            const std::vector<WheelDraft>& drafts, unsigned jobs,
                            Progress& progress) {
  WrittenWheels written;
  std::vector<wheel::WheelFile> wheels;
  for (std::size_t part = 0; part < outputs.size(); ++part) {
    try {
      wheels.push_back(wheel::open_wheel(outputs[part].descriptor(), drafts[part].file_name));
    } catch (const wheel::Error& error) {
      throw broken(drafts[part].file_name, error);
    }
  }
  std::vector<Job> work;
  std::vector<std::uint64_t> sizes;
  std::uint64_t total = 0;
  for (std::size_t part = 0; part < wheels.size(); ++part) {
    written.members += wheels[part].rows.size();
    for (const auto& member : drafts[part].written_anew) {
      work.push_back({&wheels[part], &member});
      sizes.push_back(work.back().size());
      total += sizes.back();
    }
  }
  progress.phase("proving", total);
  run_largest_first(sizes, jobs, [&](std::size_t i, bool outlasts) {
    const Job& job = work[i];
    try {
      if (job.member->proved) {
        compare_with_proved(job, progress);
      } else {
        decode_and_compare(job, outlasts, progress);
      }
    } catch (const wheel::Error& error) {
      throw broken(to_string(job.wheel->filename), error);
    }
  });
  written.decoded = work.size();
  return written;
}

}  // namespace spokeshave
