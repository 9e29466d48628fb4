#include "src/written_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "elf/error.h"
#include "src/failure.h"
#include "src/member_source.h"
#include "src/workers.h"
#include "wheel/error.h"
#include "wheel/member_stream.h"

namespace spokeshave {

namespace {

constexpr const char* kOurFault =
    "nothing was written; this is a fault of spokeshave, please report it with the wheel's name";

Failure broken(const std::string& file_name, const std::string& member, const std::string& why) {
  return {ExitCode::kFailed, fmt::format("`{}` did not pass its proof", file_name),
          member.empty() ? why : fmt::format("`{}`: {}", member, why), kOurFault};
}

struct Job {
  const wheel::WheelFile* wheel;
  NewMember member;

  const wheel::Member& in_archive() const { return *wheel->archive.find(member.name); }
};

/// The image of a rewritten library.
std::optional<elf::Image> decode_and_compare(const Job& job, bool overlap, Progress& progress) {
  wheel::MemberStream stream(job.wheel->archive, job.in_archive());
  stream.observe([&](std::span<const std::byte> piece) { progress.advance(piece.size()); });
  stream.expect(job.wheel->rows.at(job.member.name).hash);
  if (overlap) {
    stream.overlap();
  }
  std::optional<elf::Image> image;
  if (!job.member.library.empty()) {
    MemberSource source(stream);
    image = elf::parse(source);
  }
  stream.finish();
  return image;
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
      throw broken(drafts[part].file_name, error.member(), error.what());
    }
  }
  std::vector<Job> work;
  std::uint64_t total = 0;
  for (std::size_t part = 0; part < wheels.size(); ++part) {
    written.members += wheels[part].rows.size();
    for (const auto& member : drafts[part].written_anew) {
      work.push_back({&wheels[part], member});
      total += work.back().in_archive().size;
    }
  }
  std::stable_sort(work.begin(), work.end(), [](const Job& a, const Job& b) {
    return a.in_archive().size > b.in_archive().size;
  });

  progress.phase("proving", total);
  std::mutex mutex;
  run_parallel(work.size(), jobs, [&](std::size_t i) {
    const Job& job = work[i];
    try {
      // A member that is more than its thread's share would keep the others waiting at the end.
      const bool overlap = jobs > 1 && job.in_archive().size > total / jobs;
      auto image = decode_and_compare(job, overlap, progress);
      const std::scoped_lock lock(mutex);
      if (image) {
        written.images.insert_or_assign(job.member.library, std::move(*image));
      }
    } catch (const wheel::Error& error) {
      throw broken(to_string(job.wheel->filename), error.member(), error.what());
    } catch (const elf::Error& error) {
      throw broken(to_string(job.wheel->filename), job.member.name, error.what());
    }
  });
  written.decoded = work.size();
  return written;
}

}  // namespace spokeshave
