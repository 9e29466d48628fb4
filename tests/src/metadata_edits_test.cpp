#include "src/metadata_edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "src/failure.h"

// tests/e2e/metadata_edits_test.py asks Python's email parser, packaging and pip about many more.
namespace {

using spokeshave::edited_metadata;
using spokeshave::edited_wheel_text;
using spokeshave::EditedText;
using spokeshave::ExitCode;
using spokeshave::MetadataEdits;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kTorch =
    "Metadata-Version: 2.1\n"
    "Name: torch\n"
    "Version: 2.0.1\n"
    "Summary: Tensors;  Requires-Dist: triton\n"
    "Requires-Python: >=3.8.0\n"
    "Requires-Dist: filelock\n"
    "Requires-Dist: Tri_ton (==2.0.0) ; platform_system == \"Linux\"\n"
    "requires-dist: sympy\n"
    "Provides-Extra: opt\n"
    "Requires-Dist: tri.ton[x]\n"
    "\t>=1 ; extra == 'opt'\n"
    "Requires-Dist: opt-einsum (>=3.3) ; extra == 'opt'\n"
    "\n"
    "Version: 9\nRequires-Dist: triton\n";

EditedText edited(const std::string& text, const MetadataEdits& edits,
                  const std::optional<std::string>& version = std::nullopt) {
  return edited_metadata(wheel::Headers(text), edits, version);
}

MetadataEdits dropping(const std::string& name) {
  MetadataEdits edits;
  edits.drop_requires = {name};
  return edits;
}
MetadataEdits adding(const std::string& requirement) {
  MetadataEdits edits;
  edits.add_requires = {requirement};
  return edits;
}
MetadataEdits setting(std::vector<std::string> requirements) {
  MetadataEdits edits;
  edits.set_requires = std::move(requirements);
  return edits;
}

std::string refusal(const std::string& text, const MetadataEdits& edits, ExitCode code) {
  try {
    edited(text, edits);
  } catch (const spokeshave::Failure& failure) {
    EXPECT_EQ(failure.code(), code);
    return to_text(failure);
  }
  return "accepted";
}

/// kTorch with the first `old` in it replaced.
std::string torch_with(const std::string& old, const std::string& text) {
  std::string changed = kTorch;
  return changed.replace(changed.find(old), old.size(), text);
}

TEST(EditedMetadata, DropsANameOnceHoweverOftenItIsNamed) {
  const std::string text = "Name: x\nVersion: 1\nRequires-Dist: tri_ton\nRequires-Dist: y\n";
  MetadataEdits edits;
  edits.drop_requires = {"Tri-ton", "tri.ton"};
  EXPECT_EQ(edited(text, edits).text, "Name: x\nVersion: 1\nRequires-Dist: y\n");
}

TEST(EditedMetadata, IsTheSameByteForByteWhereNothingIsAsked) {
  const EditedText result = edited(kTorch, {});
  EXPECT_EQ(result.text, kTorch);
  EXPECT_THAT(result.changes, IsEmpty());
  EXPECT_THAT(result.notes, IsEmpty());
}

TEST(EditedMetadata, DropsAllLinesOfANameExtrasMarkersAndFoldsIncluded) {
  const EditedText result = edited(kTorch, dropping("tri-ton"));
  std::string expected =
      torch_with("Requires-Dist: Tri_ton (==2.0.0) ; platform_system == \"Linux\"\n", "");
  const std::string folded = "Requires-Dist: tri.ton[x]\n\t>=1 ; extra == 'opt'\n";
  expected.erase(expected.find(folded), folded.size());
  EXPECT_EQ(result.text, expected);
  EXPECT_THAT(
      result.changes,
      ElementsAre("Requires-Dist `Tri_ton (==2.0.0) ; platform_system == \"Linux\"` dropped",
                  "Requires-Dist `tri.ton[x]\t>=1 ; extra == 'opt'` dropped"));
}

TEST(EditedMetadata, NamesTheNearestRequirementWhereTheNameIsNotThere) {
  EXPECT_EQ(refusal(kTorch, dropping("simpy"), ExitCode::kFound),
            "error: cannot drop the requirement `simpy`\n"
            "  caused by: `torch 2.0.1` does not require it\n"
            "hint: did you mean `sympy`?\n");
  EXPECT_EQ(refusal(kTorch, dropping("numpy-financial"), ExitCode::kFound),
            "error: cannot drop the requirement `numpy-financial`\n"
            "  caused by: `torch 2.0.1` does not require it\n"
            "hint: it requires filelock, Tri_ton, sympy, opt-einsum\n");
  EXPECT_EQ(refusal("Name: a\nVersion: 1\n", dropping("x"), ExitCode::kFound),
            "error: cannot drop the requirement `x`\n"
            "  caused by: `a 1` does not require it\n"
            "hint: it requires nothing\n");
}

TEST(EditedMetadata, AddsBehindTheLastRequirement) {
  const EditedText result = edited(kTorch, adding(" numpy >=1.2 "));
  EXPECT_EQ(result.text, torch_with("opt-einsum (>=3.3) ; extra == 'opt'\n",
                                    "opt-einsum (>=3.3) ; extra == 'opt'\n"
                                    "Requires-Dist: numpy >=1.2\n"));
  EXPECT_THAT(result.changes, ElementsAre("Requires-Dist `numpy >=1.2` added"));
}

TEST(EditedMetadata, DoesNotAddWhatStandsThereInAnotherSpelling) {
  const EditedText result = edited(kTorch, adding("tri-ton==2.0.0;platform_system=='Linux'"));
  EXPECT_EQ(result.text, kTorch);
  EXPECT_THAT(result.changes, IsEmpty());
  EXPECT_THAT(result.notes, ElementsAre("Requires-Dist `Tri_ton (==2.0.0) ; platform_system == "
                                        "\"Linux\"` stands there already"));
}

TEST(EditedMetadata, SetsInThePlaceOfTheFirstLineOfTheName) {
  const EditedText result = edited(kTorch, setting({"tri-ton==3", "tri-ton[y]; extra == 'z'"}));
  std::string expected =
      torch_with("Requires-Dist: Tri_ton (==2.0.0) ; platform_system == \"Linux\"\n",
                 "Requires-Dist: tri-ton==3\nRequires-Dist: tri-ton[y]; extra == 'z'\n");
  const std::string folded = "Requires-Dist: tri.ton[x]\n\t>=1 ; extra == 'opt'\n";
  expected.erase(expected.find(folded), folded.size());
  EXPECT_EQ(result.text, expected);
  EXPECT_EQ(result.changes.size(), 1U);
}

TEST(EditedMetadata, DoesNotSetWhatIsNotRequired) {
  EXPECT_EQ(refusal(kTorch, setting({"networkx>=2"}), ExitCode::kFound),
            "error: cannot set the requirement `networkx`\n"
            "  caused by: `torch 2.0.1` does not require it\n"
            "hint: to add it, use --add-requires\n");
  EXPECT_NE(refusal(kTorch, setting({"filelok>=2"}), ExitCode::kFound).find("mean `filelock`?"),
            std::string::npos);
}

TEST(EditedMetadata, RefusesWhatIsNotProperBeforeItLooks) {
  EXPECT_NE(refusal(kTorch, adding("numpy => 1"), ExitCode::kUsage).find("column 7"),
            std::string::npos);
  EXPECT_NE(refusal(kTorch, adding("x\nEvil: 1"), ExitCode::kUsage).find("column 2"),
            std::string::npos);
}

TEST(EditedMetadata, DropsFirstSoThatANameCanBeDroppedAndAdded) {
  MetadataEdits edits = dropping("sympy");
  edits.add_requires = {"sympy>=1.12"};
  EXPECT_THAT(edited(kTorch, edits).changes,
              ElementsAre("Requires-Dist `sympy` dropped", "Requires-Dist `sympy>=1.12` added"));
}

TEST(EditedMetadata, SetsTheFirstVersionAndRequiresPython) {
  MetadataEdits edits;
  edits.requires_python = ">=3.9";
  const EditedText result = edited(kTorch, edits, "2.0.1+stripe.1");
  std::string expected = torch_with("Version: 2.0.1\n", "Version: 2.0.1+stripe.1\n");
  expected.replace(expected.find(">=3.8.0"), 7, ">=3.9");
  EXPECT_EQ(result.text, expected);
  EXPECT_THAT(result.changes, ElementsAre("Version `2.0.1` replaced by `2.0.1+stripe.1`",
                                          "Requires-Python `>=3.8.0` replaced by `>=3.9`"));
  EXPECT_EQ(edited("Name: a\r\nVersion: 1\r\n\r\nx", edits).text,
            "Name: a\r\nVersion: 1\r\nRequires-Python: >=3.9\r\n\r\nx");
}

TEST(EditedMetadata, LeavesLinesAloneThatBeginWithNoName) {
  const std::string odd = "Name: a\nVersion: 1\nRequires-Dist: ???\nRequires-Dist: b\n";
  EXPECT_EQ(edited(odd, dropping("b")).text, "Name: a\nVersion: 1\nRequires-Dist: ???\n");
}

TEST(EditedMetadata, DropsAHundredThousandLinesAtOnce) {
  std::string many = "Name: a\nVersion: 1\n";
  for (int i = 0; i < 100'000; ++i) {
    many += "Requires-Dist: b; extra == 'x'\nRequires-Dist: c\n";
  }
  EXPECT_EQ(edited(many, dropping("b")).changes.size(), 100'000U);
}

const std::string kWheel =
    "Wheel-Version: 1.0\nGenerator: bdist_wheel (0.37.0)\nRoot-Is-Purelib: false\n"
    "Tag: cp311-cp311-manylinux1_x86_64\nTag: cp311-abi3-manylinux1_x86_64\nX: y\n\n";

EditedText renamed(const std::string& text, const std::string& before, const std::string& after) {
  return edited_wheel_text(wheel::Headers(text), wheel::parse_filename(before),
                           wheel::parse_filename(after));
}

TEST(EditedWheelText, IsTheSameWhereOnlyTheVersionChanges) {
  EXPECT_EQ(
      renamed(kWheel, "a-1-cp311-cp311-linux_x86_64.whl", "a-1+x-cp311-cp311-linux_x86_64.whl")
          .text,
      kWheel);
}

TEST(EditedWheelText, GetsTheNewTagsOneByOneInThePlaceOfTheFirst) {
  const EditedText result =
      renamed(kWheel, "a-1-cp311-cp311-linux_x86_64.whl",
              "a-1-py2.py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl");
  EXPECT_EQ(result.text,
            "Wheel-Version: 1.0\nGenerator: bdist_wheel (0.37.0)\nRoot-Is-Purelib: false\n"
            "Tag: py2-none-manylinux2014_x86_64\nTag: py2-none-manylinux_2_17_x86_64\n"
            "Tag: py3-none-manylinux2014_x86_64\nTag: py3-none-manylinux_2_17_x86_64\nX: y\n\n");
  EXPECT_EQ(result.changes.size(), 1U);
}

TEST(EditedWheelText, GetsTagsWhereItHadNone) {
  EXPECT_EQ(
      renamed("Wheel-Version: 1.0\r\n", "a-1-py3-none-any.whl", "a-1-py3-none-linux_x.whl").text,
      "Wheel-Version: 1.0\r\nTag: py3-none-linux_x\r\n");
}

TEST(EditedWheelText, GetsAndLosesABuildNumberAndKeepsTagsThatDidNotChange) {
  const EditedText with =
      renamed(kWheel, "a-1-cp311-cp311-linux_x86_64.whl", "a-1-7-cp311-cp311-linux_x86_64.whl");
  EXPECT_EQ(with.text, kWheel.substr(0, kWheel.size() - 1) + "Build: 7\n\n");
  EXPECT_THAT(with.changes, ElementsAre("Build `7` set"));
  const EditedText without =
      renamed(with.text, "a-1-7-cp311-cp311-linux_x86_64.whl", "a-1-cp311-cp311-linux_x86_64.whl");
  EXPECT_EQ(without.text, kWheel);
  EXPECT_THAT(without.changes, ElementsAre("Build `7` dropped"));
}

}  // namespace
