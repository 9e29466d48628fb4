#include "src/split_stage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "elf/error.h"
#include "src/failure.h"
#include "src/member_source.h"
#include "wheel/member_stream.h"

namespace spokeshave {

namespace {

void write_all(int descriptor, std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      throw std::system_error(errno, std::generic_category(), "writing a temporary file");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

/// The bytes of the rewritten file, front to back: the original's with the patches over them, then
/// the tail.
class RewrittenBytes {
 public:
  RewrittenBytes(wheel::MemberStream& stream, const elf::Rewrite& rewrite)
      : stream_(stream), rewrite_(rewrite) {}

  void read(std::span<std::byte> out) {
    const std::uint64_t original =
        position_ < rewrite_.original_size ? rewrite_.original_size - position_ : 0;
    const auto head =
        out.first(static_cast<std::size_t>(std::min<std::uint64_t>(original, out.size())));
    if (!head.empty()) {
      stream_.read(position_, head);
      rewrite_.apply(position_, head);
      position_ += head.size();
    }
    const auto rest = out.subspan(head.size());
    if (!rest.empty()) {
      std::memcpy(rest.data(), rewrite_.tail.data() + (position_ - rewrite_.original_size),
                  rest.size());
      position_ += rest.size();
    }
  }

 private:
  wheel::MemberStream& stream_;
  const elf::Rewrite& rewrite_;
  std::uint64_t position_ = 0;
};

elf::Rewrite work_out(wheel::MemberStream& stream, const Library& library,
                      const elf::Edits& edits) {
  MemberSource source(stream);
  try {
    return elf::rewrite(source, library.image, edits);
  } catch (const elf::Error& error) {
    throw Failure(ExitCode::kFound, fmt::format("`{}` cannot be rewritten", library.member),
                  fmt::format("{} (offset {:#x})", error.what(), error.offset()),
                  "keep it, or what it needs, in its wheel with --keep");
  }
}

}  // namespace

void Stage::fill(const wheel::WheelFile& wheel, const Inventory& inventory, const SplitPlan& plan,
                 unsigned jobs, Progress& progress) {
  libraries_.clear();
  end_ = 0;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    total += plan.libraries[i].edits.empty() ? 0 : inventory.libraries[i].size;
  }
  progress.phase("rewriting", total);
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    if (plan.libraries[i].edits.empty()) {
      continue;
    }
    const Library& library = inventory.libraries[i];
    wheel::MemberStream stream(wheel.archive, *wheel.archive.find(library.member));
    const elf::Rewrite rewrite = work_out(stream, library, plan.libraries[i].edits);
    RewrittenBytes bytes(stream, rewrite);
    StagedLibrary staged;
    staged.offset = end_;
    staged.changes = rewrite.changes;
    staged.placement = rewrite.placement;
    staged.appended_bytes = rewrite.tail.size();
    staged.packed = wheel::deflate_stream(
        rewrite.new_size(), jobs,
        [&](std::span<std::byte> out) {
          bytes.read(out);
          progress.advance(out.size());
        },
        [&](std::span<const std::byte> packed) {
          write_all(spool_.descriptor(), end_, packed);
          end_ += packed.size();
        });
    stream.finish();  // the wheel may have been changed since it was checked
    libraries_.emplace(i, std::move(staged));
  }
}

const StagedLibrary* Stage::find(std::size_t library) const {
  const auto found = libraries_.find(library);
  return found == libraries_.end() ? nullptr : &found->second;
}

PackedSizes Stage::packed_sizes(const Inventory& inventory) const {
  PackedSizes sizes;
  for (const auto& [index, staged] : libraries_) {
    sizes[inventory.libraries[index].member] = staged.packed.packed_bytes;
  }
  return sizes;
}

}  // namespace spokeshave
