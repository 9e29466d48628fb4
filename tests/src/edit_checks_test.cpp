#include "src/edit_checks.h"

#include <gtest/gtest.h>

#include <string>

#include "src/failure.h"

namespace {

using spokeshave::check_edits;
using spokeshave::MetadataEdits;
using spokeshave::TagEdits;

template <typename Edits>
std::string refusal(const Edits& edits) {
  try {
    check_edits(edits);
  } catch (const spokeshave::Failure& failure) {
    EXPECT_EQ(failure.code(), spokeshave::ExitCode::kUsage);
    return to_text(failure);
  }
  return "accepted";
}

TEST(CheckEdits, TakesWhatIsProper) {
  EXPECT_EQ(refusal(MetadataEdits{}), "accepted");
  EXPECT_EQ(refusal(MetadataEdits{.drop_requires = {"triton", "Foo.Bar"},
                                  .add_requires = {"numpy >=1.2; python_version < '3.9'"},
                                  .set_requires = {"sympy (==1.12)"},
                                  .requires_python = ">=3.8,<4"}),
            "accepted");
  EXPECT_EQ(refusal(TagEdits{.build = "1_local",
                             .python_tag = "py2.py3",
                             .abi_tag = "none",
                             .platform_tag = "manylinux_2_17_x86_64.linux_x86_64"}),
            "accepted");
  EXPECT_EQ(refusal(TagEdits{.build = "",
                             .python_tag = std::nullopt,
                             .abi_tag = std::nullopt,
                             .platform_tag = std::nullopt}),
            "accepted");
}

TEST(CheckEdits, NameTheOptionTheColumnAndTheWayToWriteIt) {
  MetadataEdits edits;
  edits.add_requires = {"numpy", "numpy >= 1.2; python_versio<'3.9'"};
  EXPECT_EQ(refusal(edits).substr(0, 131),
            "error: cannot take --add-requires `numpy >= 1.2; python_versio<'3.9'`\n"
            "  caused by: column 15: `python_versio` is no marker variable");
  edits.add_requires.clear();
  edits.requires_python = "3.8";
  EXPECT_EQ(refusal(edits),
            "error: cannot take --requires-python `3.8`\n"
            "  caused by: column 1: expected one of ==, !=, <=, >=, <, >, ~=, ===, and a version, "
            "but `3.8` stands here\n"
            "hint: version specifiers are written as in \">=3.8,<4\"\n");
}

TEST(CheckEdits, RefuseToDropWhatIsMoreThanAName) {
  EXPECT_EQ(refusal(MetadataEdits{.drop_requires = {"triton==2.0.0"},
                                  .add_requires = {},
                                  .set_requires = {},
                                  .requires_python = std::nullopt}),
            "error: cannot take --drop-requires `triton==2.0.0`\n"
            "  caused by: this is not a name alone\n"
            "hint: give the name only: all its lines go\n");
}

TEST(CheckEdits, RefuseToDropAndSetTheSame) {
  EXPECT_EQ(refusal(MetadataEdits{.drop_requires = {"Tri_ton"},
                                  .add_requires = {},
                                  .set_requires = {"tri-ton==2"},
                                  .requires_python = std::nullopt}),
            "error: cannot drop the requirement `tri-ton` and set it too\n"
            "  caused by: --drop-requires names it, and so does --set-requires `tri-ton==2`\n"
            "hint: --set-requires alone replaces all lines of that name\n");
}

TEST(CheckEdits, NameTheTagThatIsNone) {
  TagEdits edits;
  edits.platform_tag = "win_amd64";
  EXPECT_NE(refusal(edits).find("cannot take --platform-tag `win_amd64`"), std::string::npos);
  edits = {};
  edits.build = "a1";
  EXPECT_NE(refusal(edits).find("cannot take --build `a1`"), std::string::npos);
}

}  // namespace
