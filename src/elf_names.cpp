#include "src/elf_names.h"

namespace spokeshave {

const char* placement_name(elf::Placement placement) {
  switch (placement) {
    case elf::Placement::kNone:
      return "none";
    case elf::Placement::kInPlace:
      return "in place";
    case elf::Placement::kReused:
      return "reused";
    case elf::Placement::kExtended:
      return "string table extended";
    case elf::Placement::kNoteSlot:
      return "string table copied, PT_NOTE slot";
    case elf::Placement::kNewTable:
      return "string table copied, new program header table";
  }
  return "none";
}

}  // namespace spokeshave
