#include "src/library_proof.h"

#include <fmt/format.h>

#include "elf/error.h"
#include "src/member_source.h"
#include "wheel/error.h"
#include "wheel/member_stream.h"

namespace spokeshave {

ProvedLibrary prove_library(const wheel::PackedBytes& packed, const LibraryToProve& wanted,
                            const std::string& wheel, bool overlap, Progress& progress) {
  const wheel::Member member{.name = wanted.member,
                             .method = wheel::Method::kDeflated,
                             .packed_bytes = wanted.packed_bytes,
                             .size = wanted.size,
                             .crc = wanted.crc};
  try {
    wheel::MemberStream stream(
        [&](std::uint64_t offset, std::span<std::byte> out) { packed.read(offset, out); }, member);
    stream.observe([&](std::span<const std::byte> piece) { progress.advance(piece.size()); });
    if (overlap) {
      stream.overlap();
    }
    MemberSource source(stream);
    elf::Image image = elf::parse(source);
    return {std::move(image), stream.finish()};
  } catch (const wheel::Error& error) {
    throw not_proved(wheel, wanted.member, error.what());
  } catch (const elf::Error& error) {
    throw not_proved(wheel, wanted.member, error.what());
  }
}

Failure not_proved(const std::string& wheel, const std::string& member, const std::string& why) {
  return {ExitCode::kFailed, fmt::format("`{}` did not pass its proof", wheel),
          member.empty() ? why : fmt::format("`{}`: {}", member, why),
          "nothing was written; this is a fault of spokeshave, please report it with the wheel's "
          "name"};
}

}  // namespace spokeshave
