#pragma once

#include <algorithm>
#include <cstring>

#include "elf/rewrite.h"
#include "elf/source.h"

namespace spokeshave {

/// What a rewrite makes of a file, before anything is written: the original's bytes with the
/// patches over them, then the tail. Both are the caller's and must outlive it.
class RewrittenSource final : public elf::Source {
 public:
  RewrittenSource(elf::Source& original, const elf::Rewrite& rewrite)
      : original_(original), rewrite_(rewrite) {}
  std::uint64_t size() const override { return rewrite_.new_size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) override {
    const std::uint64_t left =
        offset < rewrite_.original_size ? rewrite_.original_size - offset : 0;
    const auto head =
        out.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size())));
    if (!head.empty()) {
      original_.read(offset, head);
      rewrite_.apply(offset, head);
      offset += head.size();
    }
    const auto rest = out.subspan(head.size());
    if (rest.empty()) return;
    std::memcpy(rest.data(), rewrite_.tail.data() + (offset - rewrite_.original_size), rest.size());
  }

 private:
  elf::Source& original_;
  const elf::Rewrite& rewrite_;
};

}  // namespace spokeshave
