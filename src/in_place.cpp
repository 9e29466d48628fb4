#include "src/in_place.h"

#include <unistd.h>

#include <system_error>
#include <vector>

#include "src/signal_cleanup.h"
#include "wheel/file_window.h"

namespace spokeshave {

namespace {

/// What stands where the patches go.
std::vector<elf::Patch> present_bytes(int descriptor, const elf::Rewrite& rewrite) {
  std::vector<elf::Patch> present = rewrite.patches;
  for (elf::Patch& each : present) wheel::read_at(descriptor, each.offset, each.bytes);
  return present;
}

/// As well as it can be done: what failed first is what the user must know.
void undo(int descriptor, const std::vector<elf::Patch>& present, std::uint64_t size) {
  try {
    for (const elf::Patch& each : present) wheel::write_at(descriptor, each.offset, each.bytes);
  } catch (const std::system_error&) {
  }
  static_cast<void>(::ftruncate(descriptor, static_cast<off_t>(size)));
}

}  // namespace

void write_rewrite_in_place(int descriptor, const elf::Rewrite& rewrite) {
  const std::vector<elf::Patch> present = present_bytes(descriptor, rewrite);
  const HoldSignals hold;
  try {
    wheel::write_at(descriptor, rewrite.original_size, rewrite.tail);
    for (const elf::Patch& each : rewrite.patches) {
      wheel::write_at(descriptor, each.offset, each.bytes);
    }
  } catch (const std::system_error&) {
    undo(descriptor, present, rewrite.original_size);
    throw;
  }
}

}  // namespace spokeshave
