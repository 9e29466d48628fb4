#include "src/edit_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/elf_edits.h"

namespace spokeshave {
namespace {

using namespace support::elf_edits;
using testing::HasSubstr;
using testing::Optional;

/// Every kind of edit, on a library with every kind of name (tests/support/elf_edits.h).
std::vector<elf::Edits> all_kinds_of_edits() {
  elf::Edits renamed{.search_path = "/new", .soname = "libyou.so"};
  renamed.replace_needed = {{"liba.so", "libz.so"}, {"libb.so", "liba.so"}};
  renamed.add_needed = {"libnew.so", "libc.so.6"};
  return {
      {},
      {.search_path = "/new"},
      {.search_path = "/new", .path_kind = elf::PathKind::kRpath},
      {.path_kind = elf::PathKind::kRpath},
      {.path_kind = elf::PathKind::kRunpath},
      {.remove_search_path = true},
      {.soname = "libyou.so"},
      {.replace_needed = {{"liba.so", "libother.so"}, {"libnone.so", "libx.so"}}},
      {.add_needed = {"libb.so", "libnew.so"}},
      {.remove_needed = {"libb.so", "libnone.so"}},
      renamed,
  };
}

std::vector<support::ElfBytes> all_kinds_of_libraries() {
  std::vector<support::ElfBytes> files;
  for (const bool rpath : {false, true}) {
    for (const bool runpath : {false, true}) {
      support::ElfBytes file = library();
      file.rpath = rpath ? std::optional<std::string>("/old/rpath") : std::nullopt;
      file.runpath = runpath ? std::optional<std::string>("/old/runpath") : std::nullopt;
      files.push_back(file);
    }
  }
  files.push_back(library());
  files.back().soname.reset();
  return files;
}

TEST(EditProof, EveryEditThatIsCarriedOutKeepsTheWish) {
  for (auto file : all_kinds_of_libraries()) {
    for (const unsigned spare : {0u, 4u}) {
      file.spare_entries = spare;
      const Bytes before = file.build();
      for (const elf::Edits& edits : all_kinds_of_edits()) {
        if (!refusal(before, edits).empty()) continue;
        EXPECT_EQ(unkept_wish(parse_bytes(before), edits, parse_bytes(edited(before, edits))),
                  std::nullopt);
      }
    }
  }
}

TEST(EditProof, AnEditThatWasNotCarriedOutIsSeen) {
  for (auto file : all_kinds_of_libraries()) {
    const Bytes before = file.build();
    for (const elf::Edits& edits : all_kinds_of_edits()) {
      const bool changes = !rewrite_bytes(before, edits).empty();
      const elf::Image image = parse_bytes(before);
      EXPECT_EQ(unkept_wish(image, edits, image).has_value(), changes);
    }
  }
}

TEST(EditProof, TheNameThatIsWrongIsTold) {
  elf::Image before = parse_bytes(library().build());
  elf::Image after = before;
  after.soname = "libyou.so";
  EXPECT_THAT(unkept_wish(before, {}, after),
              Optional(HasSubstr("SONAME is `libyou.so`, not `libme.so`")));
  after = before;
  after.runpath.reset();
  EXPECT_THAT(unkept_wish(before, {}, after), Optional(HasSubstr("RUNPATH is none, not `")));
  after = before;
  after.needed.pop_back();
  EXPECT_EQ(unkept_wish(before, {}, after),
            "NEEDED is `libb.so`, `liba.so`, not `libb.so`, `liba.so`, `libc.so.6`");
  after = before;
  after.version_needs[0].file = "libb.so";
  EXPECT_THAT(unkept_wish(before, {}, after), Optional(HasSubstr("version needs' files")));
}

TEST(EditProof, WhatNoEditMayChangeIsSeenToo) {
  const elf::Image before = parse_bytes(library().build());
  const std::vector<std::function<void(elf::Image&)>> damages = {
      [](elf::Image& image) { image.machine = 3; },
      [](elf::Image& image) { image.type = 2; },
      [](elf::Image& image) { image.interpreter = "/lib/ld.so"; },
      [](elf::Image& image) { image.flags = 8; },
      [](elf::Image& image) { image.flags_1 = 1; },
      [](elf::Image& image) { image.version_needs[0].names.pop_back(); },
      [](elf::Image& image) { image.version_definitions.emplace_back("ME_2"); },
      [](elf::Image& image) { image.executable_stack = !image.executable_stack; },
  };
  for (const auto& damage : damages) {
    elf::Image after = before;
    damage(after);
    EXPECT_EQ(unkept_wish(before, {}, after), "more than the names has changed");
  }
}

}  // namespace
}  // namespace spokeshave
