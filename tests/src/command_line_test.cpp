#include "src/command_line.h"

#include <gmock/gmock.h>

#include "src/failure.h"

namespace spokeshave {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A command with two options that may be given several times, and one that may not.
Pairs in_order(const std::vector<std::string>& arguments, const std::vector<std::string>& names) {
  CommandLine line("program", "", "1");
  CommandSpec command = line.command("do", "", "");
  std::vector<std::string> files, first;
  std::string third;
  command.arguments("FILE", files, "");
  command.texts("--first", first, "X", "")
      .values(
          "--second", [](const std::string&) {}, "X", "")
      .text("-t,--third", third, "X", "");
  EXPECT_EQ(line.parse(arguments), std::nullopt);
  return command.in_order(names);
}

TEST(InOrder, ValuesOfSeveralOptionsFollowEachOtherAsTyped) {
  EXPECT_THAT(
      in_order({"do", "--second", "a", "--first=b", "f", "--second=c", "-t", "d", "--first", "e"},
               {"--first", "--second"}),
      ElementsAre(Pair("--second", "a"), Pair("--first", "b"), Pair("--second", "c"),
                  Pair("--first", "e")));
}

TEST(InOrder, OneNameOfSeveralIsEnough) {
  EXPECT_THAT(in_order({"do", "-t", "x", "f"}, {"--third"}), ElementsAre(Pair("--third", "x")));
}

TEST(InOrder, WhatWasNotGivenIsNotThere) {
  EXPECT_THAT(in_order({"do", "f"}, {"--first", "--second"}), IsEmpty());
}

TEST(InOrder, ValuesThatLookLikeOtherOptionsStayValues) {
  EXPECT_THAT(
      in_order({"do", "--first=--second", "f", "--second=--first"}, {"--first", "--second"}),
      ElementsAre(Pair("--first", "--second"), Pair("--second", "--first")));
}

TEST(InOrder, NothingBehindTheEqualsSignIsAnEmptyValueAndNotTheNextWord) {
  EXPECT_THAT(in_order({"do", "--first=", "f", "--third=", "g"}, {"--first", "--third"}),
              ElementsAre(Pair("--first", ""), Pair("--third", "")));
  EXPECT_THAT(in_order({"do", "--", "--first="}, {"--first"}), IsEmpty());
  EXPECT_THROW(in_order({"do", "f", "--frist="}, {}), Failure);
}

std::string refusal_of_empty(const std::vector<std::string>& arguments) {
  try {
    refuse_empty_values(arguments, {"--out"});
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

TEST(EmptyValues, AreRefusedInBothForms) {
  EXPECT_EQ(refusal_of_empty({"do", "--out", ""}), "--out has an empty value");
  EXPECT_EQ(refusal_of_empty({"do", "--out="}), "--out has an empty value");
  EXPECT_EQ(refusal_of_empty({"do", "--out", "x", "--other="}), "");
}

}  // namespace
}  // namespace spokeshave
