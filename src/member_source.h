#pragma once

#include "elf/source.h"
#include "wheel/member_stream.h"

namespace spokeshave {

/// A member of a wheel as the ELF core wants to read it.
class MemberSource final : public elf::Source {
 public:
  explicit MemberSource(wheel::MemberStream& stream) : stream_(stream) {}
  std::uint64_t size() const override { return stream_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) override { stream_.read(offset, out); }

 private:
  wheel::MemberStream& stream_;
};

}  // namespace spokeshave
