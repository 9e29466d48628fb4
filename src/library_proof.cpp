#include "src/library_proof.h"

#include <fmt/format.h>

#include "elf/error.h"
#include "src/member_source.h"
#include "wheel/deflate.h"
#include "wheel/error.h"
#include "wheel/member_stream.h"

namespace spokeshave {

ProvedLibrary prove_library(const wheel::PackedBytes& packed, const LibraryToProve& wanted,
                            bool overlap, Progress& progress) {
  const wheel::Member member{.name = wanted.member,
                             .method = wheel::Method::kDeflated,
                             .packed_bytes = wanted.packed_bytes,
                             .size = wanted.size,
                             .crc = wanted.crc};
  ProvedLibrary proved;
  std::uint64_t seen = 0;
  const wheel::ReadPacked read = [&](std::uint64_t offset, std::span<std::byte> out) {
    packed.read(offset, out);
    // Reading may go back, but ahead only over what is to be decoded.
    if (offset <= seen && offset + out.size() > seen) {
      proved.crc_of_packed = wheel::crc32_update(
          proved.crc_of_packed, out.subspan(static_cast<std::size_t>(seen - offset)));
      seen = offset + out.size();
    }
  };
  try {
    wheel::MemberStream stream(read, member);
    stream.observe([&](std::span<const std::byte> piece) { progress.advance(piece.size()); });
    if (overlap) {
      stream.overlap();
    }
    MemberSource source(stream);
    proved.image = elf::parse(source);
    proved.digest = stream.finish();
  } catch (const wheel::MemberMismatch&) {
    throw library_not_proved(wanted.member, "it unpacks to other bytes than the edits make");
  } catch (const wheel::Error& error) {
    throw library_not_proved(wanted.member, error.what());
  } catch (const elf::Error& error) {
    throw library_not_proved(wanted.member, error.what());
  }
  return proved;
}

Failure library_not_proved(const std::string& member, const std::string& why) {
  return not_proved(fmt::format("the rewritten `{}`", printable(member)), why);
}

Failure not_proved(const std::string& what, const std::string& why) {
  return {ExitCode::kFailed, fmt::format("{} did not pass its proof", what), why,
          "nothing was written; if no file changed meanwhile this is a fault of spokeshave: please "
          "report it with the wheel's name"};
}

}  // namespace spokeshave
