#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "elf/bytes.h"
#include "elf/dynamic_plan.h"
#include "elf/image.h"
#include "elf/versions.h"

namespace elf {

/// Bytes of the string table that nothing will point into once the plan is carried out.
struct StringSlot {
  std::uint64_t begin = 0;     ///< where the old string begins, in the table
  std::uint64_t text_end = 0;  ///< where its NUL stands
  std::uint64_t end =
      0;  ///< up to here bytes may be overwritten: NULs without a user follow some strings

  std::uint64_t size() const { return end - begin; }
};

/// The slots of the strings whose references `plan` changes or removes, ascending. Linkers let
/// strings share their tails, so `libfoo.so` may be the end of a symbol's name: all that could name
/// a string is looked at. Reads the dynamic symbols.
std::vector<StringSlot> free_slots(Reader& reader, const Image& image, const DynamicPlan& plan,
                                   const std::vector<NeedRecord>& needs,
                                   const std::vector<DefinitionRecord>& definitions,
                                   std::string_view table);

}  // namespace elf
