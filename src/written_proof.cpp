#include "src/written_proof.h"

#include <algorithm>
#include <cstring>

#include "src/library_proof.h"
#include "src/workers.h"
#include "wheel/error.h"
#include "wheel/member_stream.h"

namespace spokeshave {

namespace {

struct Job {
  const wheel::WheelFile* wheel;
  const NewMember* member;

  const wheel::Member& in_archive() const { return *wheel->archive.find(member->name); }
  /// Bytes to be decoded, or compared.
  std::uint64_t size() const {
    return member->packed ? in_archive().packed_bytes : in_archive().size;
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

/// With the packed bytes that were decoded and hashed before.
void compare_packed(const Job& job, Progress& progress) {
  constexpr std::size_t kPiece = std::size_t{256} << 10;
  const wheel::Member& member = job.in_archive();
  std::vector<std::byte> written(kPiece);
  std::vector<std::byte> proved(kPiece);
  for (std::uint64_t at = 0; at < member.packed_bytes; at += kPiece) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, member.packed_bytes - at));
    job.wheel->archive.read_packed(member, at, std::span(written).first(size));
    job.member->packed->read(at, std::span(proved).first(size));
    if (std::memcmp(written.data(), proved.data(), size) != 0) {
      throw wheel::Error(member.name, "its packed bytes are not those that were proved");
    }
    progress.advance(size);
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
      throw not_proved(drafts[part].file_name, error.member(), error.what());
    }
  }
  std::vector<Job> work;
  std::uint64_t total = 0;
  for (std::size_t part = 0; part < wheels.size(); ++part) {
    written.members += wheels[part].rows.size();
    for (const auto& member : drafts[part].written_anew) {
      work.push_back({&wheels[part], &member});
      total += work.back().size();
    }
  }
  std::stable_sort(work.begin(), work.end(),
                   [](const Job& a, const Job& b) { return a.size() > b.size(); });

  progress.phase("proving", total);
  run_parallel(work.size(), jobs, [&](std::size_t i) {
    const Job& job = work[i];
    try {
      if (job.member->packed) {
        compare_packed(job, progress);
      } else {
        // A member that is more than its thread's share would keep the others waiting at the end.
        decode_and_compare(job, jobs > 1 && job.size() > total / jobs, progress);
      }
    } catch (const wheel::Error& error) {
      throw not_proved(to_string(job.wheel->filename), error.member(), error.what());
    }
  });
  written.decoded = work.size();
  return written;
}

}  // namespace spokeshave
