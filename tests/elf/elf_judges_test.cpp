// The judges themselves: each must be silent on a file that nobody touched and speak up on one that
// is broken. patchelf 0.14.3, as Debian 12 has it, breaks some of them for us.
#include "tests/support/elf_judges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/elf_poke.h"
#include "tests/support/run_program.h"
#include "tests/support/specimen.h"

namespace {

using support::ElfPoke;
using support::Findings;
using support::kRichSource;
using support::kRichSteps;
using support::Specimen;
using support::at::kDynamicValue;
using support::at::kSegmentFlags;
using support::at::kSegmentOffset;
using support::at::kSegmentType;
using support::at::kSegmentVaddr;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::vector<std::string> kFlags{"-Wl,-rpath,$ORIGIN/../lib", "-Wl,-soname,libspecimen.so"};

Findings after(const Specimen& specimen, void (*poke)(ElfPoke&)) {
  ElfPoke file(specimen.file());
  poke(file);
  file.save();
  return specimen.findings(kRichSteps);
}

void run_patchelf(const Specimen& specimen, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "patchelf");
  arguments.push_back(specimen.file().string());
  const auto result = support::run_program(arguments);
  ASSERT_EQ(result.status, 0) << result.err;
}

TEST(ElfJudges, FindNothingInAFileThatNobodyTouched) {
  EXPECT_THAT(Specimen({.source = kRichSource, .flags = kFlags}).findings(kRichSteps), IsEmpty());
}

TEST(ElfJudges, SeeThatASymbolLostItsName) {
  NEEDS_PROGRAMS("patchelf");
  const Specimen specimen(
      {.source = "int lib; int value(void) { return lib; }", .flags = {"-Wl,-rpath,x/lib"}});
  run_patchelf(specimen, {"--set-rpath", "yy"});  // tail-merged: `lib` becomes the empty string
  const Findings findings = specimen.findings();
  EXPECT_THAT(findings, Contains(AllOf(StartsWith("contents:"), HasSubstr(".dynsym"))));
  EXPECT_THAT(findings, Contains(StartsWith("eu-elflint:")));
}

TEST(ElfJudges, SeeThatSectionsAndBytesMoved) {
  NEEDS_PROGRAMS("patchelf");
  const Specimen specimen({.source = kRichSource, .flags = kFlags});
  run_patchelf(specimen, {"--set-rpath", support::long_text(300)});
  const Findings findings = specimen.findings(kRichSteps);
  EXPECT_THAT(findings, Contains(StartsWith("readelf reads:")));
  EXPECT_THAT(findings, Contains(StartsWith("bytes: changed at offset")));
  EXPECT_THAT(findings, Contains(StartsWith("segments: the added one is not read-only")));
}

TEST(ElfJudges, SeeANameThatIsNotTheOneWanted) {
  const Specimen specimen({.source = kRichSource, .flags = kFlags});
  const Findings findings = after(specimen, [](ElfPoke& file) {
    const auto entry = file.dynamic(29);
    file.put(entry + kDynamicValue, 8, file.get(entry + kDynamicValue, 8) + 1);
  });
  EXPECT_THAT(findings,
              Contains(AllOf(StartsWith("readelf reads:"), HasSubstr("RUNPATH ORIGIN/../lib"))));
}

TEST(ElfJudges, SeeALoadThatIsNotCongruent) {
  const Specimen specimen({.source = kRichSource, .flags = kFlags});
  const Findings findings = after(specimen, [](ElfPoke& file) {
    const auto header = file.segment(support::kPtLoad, 3);
    file.put(header + kSegmentVaddr, 8, file.get(header + kSegmentVaddr, 8) + 8);
  });
  EXPECT_THAT(findings, Contains(HasSubstr("not congruent")));
  EXPECT_THAT(findings, Contains(StartsWith("ld.so: status 1")));
}

TEST(ElfJudges, SeeALostStackHeader) {
  const Specimen specimen({.source = kRichSource, .flags = kFlags});
  const Findings findings = after(specimen, [](ElfPoke& file) {
    file.put(file.segment(support::kPtGnuStack) + kSegmentType, 4, 0);
  });
  EXPECT_THAT(findings, Contains(HasSubstr("gone: GNU_STACK")));
}

TEST(ElfJudges, SeeAStaleProgramHeaderSegment) {
  NEEDS_PROGRAMS("ld.lld");
  const Specimen specimen({.source = kRichSource, .flags = {"-fuse-ld=lld"}});
  const Findings findings = after(specimen, [](ElfPoke& file) {
    const auto header = file.segment(support::kPtPhdr);
    file.put(header + kSegmentOffset, 8, 128).put(header + kSegmentVaddr, 8, 128);
  });
  EXPECT_THAT(findings, Contains(HasSubstr("PT_PHDR is stale")));
}

TEST(ElfJudges, SeeADynamicEntryThatVanished) {
  const Specimen specimen({.source = kRichSource, .flags = kFlags});
  const Findings findings = after(specimen, [](ElfPoke& file) {
    file.put(file.dynamic(0x6ffffff9), 8, 0x6ffffffa);  // DT_RELACOUNT becomes DT_RELCOUNT
  });
  EXPECT_THAT(findings, Contains(StartsWith("dynamic table, gone:")));
}

TEST(ElfJudges, SeeChangedCodeEvenWhereItStillRuns) {
  const Specimen specimen({.source = kRichSource, .flags = kFlags});
  const Findings findings = after(specimen, [](ElfPoke& file) {
    const auto header =
        file.segment(support::kPtLoad, 1);  // the last byte of the code's page, behind the code
    const auto end = file.get(header + kSegmentOffset, 8) + 4095;
    file.put(end, 1, file.get(end, 1) + 1);
  });
  EXPECT_THAT(findings, Contains(StartsWith("bytes: changed")));
}

TEST(ElfJudges, SeeAVersionNeedThatNoLibraryMeets) {
  const Specimen specimen({.source = kRichSource, .flags = kFlags});
  const Findings findings = after(specimen, [](ElfPoke& file) {
    const auto entry = file.dynamic(1);  // NEEDED libc.so.6 becomes ibc.so.6
    file.put(entry + kDynamicValue, 8, file.get(entry + kDynamicValue, 8) + 1);
  });
  EXPECT_THAT(findings, Contains(StartsWith("verneed: libc.so.6 is no longer")));
  EXPECT_THAT(findings, Contains(StartsWith("ld.so: status")));
}

TEST(ElfJudges, KnowWhatEachEditShallLeave) {
  const support::Names before{
      .needed = {"a", "b", "c"}, .soname = {}, .rpath = "old", .runpath = {}};
  using support::expected_names;
  EXPECT_EQ(expected_names(before, {.search_path = "new"}).rpath, "new");
  EXPECT_EQ(expected_names(before, {.search_path = "new", .path_kind = elf::PathKind::kRunpath}),
            (support::Names{{"a", "b", "c"}, {}, {}, "new"}));
  EXPECT_EQ(expected_names(before, {.path_kind = elf::PathKind::kRunpath}).runpath, "old");
  EXPECT_EQ(expected_names(before, {.remove_search_path = true}).rpath, std::nullopt);
  EXPECT_EQ(expected_names(
                before,
                {.replace_needed = {{"b", "x"}}, .add_needed = {"y", "a"}, .remove_needed = {"c"}})
                .needed,
            (std::vector<std::string>{"a", "x", "y"}));
}

}  // namespace
