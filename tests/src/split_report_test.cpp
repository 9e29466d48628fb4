#include "src/split_report.h"

#include <gmock/gmock.h>

#include <sstream>

#include "tests/support/inventory_builder.h"
#include "tests/support/small_torch.h"

namespace spokeshave {
namespace {

using support::WheelValues;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const WheelValues& wheel, const SplitRequest& wanted,
                    const Style& style = Style(false)) {
  const SplitAnswer answer = plan_split(wheel.outline, wheel.inventory, wanted, {});
  const SplitSubject subject{"torch-1.0-cp311-cp311-linux_x86_64.whl",
                             {wheel.inventory.installed_bytes, 1'850'000'000}};
  return plan_text(subject, wheel.inventory, answer.plan.value(), style);
}

/// A line may be longer than 80 columns only where one word, behind blanks, a dash or a number, is.
void expect_80_columns(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t word = std::min(line.rfind(' '), line.size());
    EXPECT_TRUE(line.size() <= 80 || word == line.size() ||
                line.find_first_not_of(" -0123456789") > word)
        << line.size() << ": " << line;
  }
}

TEST(PlanText, NamesTheWheelsWhatMovesAndTheLimit) {
  const std::string text =
      text_of(support::small_torch(), support::request(3'000'000'000, {"libcublas*"}));
  EXPECT_THAT(text, HasSubstr("torch-1.0-cp311-cp311-linux_x86_64.whl\n"));
  EXPECT_THAT(text, HasSubstr("limit: 3.00 GB installed"));
  EXPECT_THAT(text, HasSubstr("\ntorch-1.0+split.1-cp311-cp311-linux_x86_64.whl\n"));
  EXPECT_THAT(text, HasSubstr("\ntorch_libs-1.0+split.1-py3-none-linux_x86_64.whl\n"));
  EXPECT_THAT(text, HasSubstr("torch_libs/lib/libcublasLt.so.11"));
  EXPECT_THAT(text, HasSubstr("575 MB"));
  EXPECT_THAT(text, HasSubstr("torch/__init__.py"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(PlanText, TellsWhatCameToASearchPathAndWhy) {
  const std::string text = text_of(support::small_torch(), support::request({}, {"libcublas*"}));
  EXPECT_THAT(text, HasSubstr("  torch/lib/libtorch_cuda.so\n"));
  EXPECT_THAT(text, HasSubstr("needs libcublas.so.11"));
  EXPECT_THAT(text, HasSubstr("RPATH, behind what is there: $ORIGIN/../../torch_libs/lib\n"));
}

TEST(PlanText, TheOrderOfPreloadingIsNumbered) {
  const std::string text = text_of(support::small_torch(), support::request({}, {"libcublas*"}));
  EXPECT_THAT(text, HasSubstr("   1 torch_libs/lib/libcublasLt.so.11\n"
                              "   2 torch_libs/lib/libcublas.so.11\n"));
}

TEST(PlanText, IsNoWiderThan80Columns) {
  expect_80_columns(text_of(support::small_torch(), support::request(3'000'000'000)));
  expect_80_columns(text_of(support::small_torch(), support::request({}, {"libgomp*"})));
}

TEST(PlanText, IsNoWiderThan80ColumnsWhereNamesAreLong) {
  const std::string folder = "w/" + std::string(40, 'f') + "/" + std::string(40, 'g');
  const std::string name = "lib" + std::string(70, 'n') + ".so";
  WheelValues wheel = support::make_wheel(
      "w",
      {{.path = "w/a.so",
        .needed = {name},
        .runpath = "$ORIGIN:$ORIGIN/../" + folder + ":/opt/" + std::string(60, 'x')},
       {.path = folder + "/" + name, .size = 5'000'000, .opened_by = {folder + "/__init__.py"}}},
      {{"w/__init__.py"}});
  wheel.inventory.text_mentions = {{folder + "/x.cmake", {name}}};
  expect_80_columns(text_of(wheel, support::request({}, {name})));
}

TEST(PlanText, OfManyLibrariesThatStayTheSmallerOnesAreCounted) {
  std::vector<support::LibrarySpec> libraries;
  for (int i = 10; i < 40; ++i) {
    libraries.push_back({.path = "w/lib" + std::to_string(i) + ".so", .size = 1000u * unsigned(i)});
  }
  const std::string text =
      text_of(support::make_wheel("w", libraries), support::request(1'000'000'000));
  EXPECT_THAT(text, HasSubstr("w/lib39.so"));
  EXPECT_THAT(text, Not(HasSubstr("w/lib10.so")));
  EXPECT_THAT(text, HasSubstr("and 10 smaller ones"));
}

TEST(PlanText, AnEscapeInANameIsShownNotSent) {
  const WheelValues wheel =
      support::make_wheel("w", {{.path = "w/a.so", .needed = {"b\x1b[2J.so"}, .runpath = "$ORIGIN"},
                                {.path = "w/b\x1b[2J.so"}});
  const std::string text = text_of(wheel, support::request({}, {"b*"}));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("b\\x1b[2J.so"));
}

TEST(PlanText, ReadsTheSameWithoutColour) {
  const WheelValues wheel = support::small_torch();
  const SplitRequest wanted = support::request(3'000'000'000);
  const std::string coloured = text_of(wheel, wanted, Style(true));
  std::string plain;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b') {
      i = coloured.find('m', i);
    } else {
      plain += coloured[i];
    }
  }
  EXPECT_NE(coloured, plain);
  EXPECT_EQ(plain, text_of(wheel, wanted));
}

TEST(ImpossibleFailure, NamesTheDictatorAndTheSmallestBudgetInBytes) {
  const ImpossibleSplit why{.limit = {.installed = 500'000'000, .packed = std::nullopt},
                            .smallest = {738'900'123, 400'000'000},
                            .installed_dictated_by = "`torch/lib/libtorch_cuda.so`",
                            .packed_dictated_by = "`x`"};
  const Failure failure = impossible_failure({"torch.whl", {}}, why);
  EXPECT_EQ(failure.code(), ExitCode::kFound);
  EXPECT_EQ(to_text(failure),
            "error: `torch.whl` cannot be split under 500 MB installed\n"
            "  caused by: `torch/lib/libtorch_cuda.so` takes 739 MB (738900123 bytes) installed\n"
            "hint: the smallest possible budget is --max-installed-size 738900123\n");
}

TEST(ImpossibleFailure, OfTwoLimitsTheOneThatIsTooSmallIsNamed) {
  const ImpossibleSplit why{.limit = {.installed = 900'000'000, .packed = 100'000'000},
                            .smallest = {738'900'123, 400'000'000},
                            .installed_dictated_by = "`x`",
                            .packed_dictated_by = "`y`"};
  const std::string text = to_text(impossible_failure({"torch.whl", {}}, why));
  EXPECT_THAT(text, HasSubstr("`y` takes 400 MB"));
  EXPECT_THAT(text, HasSubstr("--max-wheel-size 400000000"));
  EXPECT_THAT(text, Not(HasSubstr("`x`")));
}

}  // namespace
}  // namespace spokeshave
