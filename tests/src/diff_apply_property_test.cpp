// Random edits of random texts: the diff that GNU diff and git make of them, applied, gives the new
// text byte for byte.
#include <gtest/gtest.h>

#include <random>

#include "tests/support/diffed_wheel.h"
#include "tests/support/random_seed.h"

namespace spokeshave {
namespace {

using support::DiffedWheel;
using support::Files;
using support::GitRepository;

class RandomText {
 public:
  explicit RandomText(unsigned seed) : random_(seed) {}

  std::size_t up_to(std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most)(random_);
  }

  std::vector<std::string> lines() {
    std::vector<std::string> lines(up_to(5) == 0 ? 0 : up_to(80));
    for (auto& text : lines) text = line();
    return lines;
  }

  /// Few different ones, so that hunks fit in several places.
  std::string line() {
    static const std::vector<std::string> kLines = {
        "",
        " ",
        "\t",
        "a",
        "b",
        "}",
        "-- ",
        "--- a/x",
        "+++ b/x",
        "@@ -1 +1 @@",
        "+",
        "- ",
        "\\ No newline at end of file",
        "diff --git a/x b/x",
        "GIT binary patch",
        "From 0123456789012345678901234567890123456789 Mon Sep 17",
        "\xc3\xa9",
        "\xff",
        "a\rb"};
    return kLines[up_to(kLines.size() - 1)];
  }

  std::vector<std::string> edited(std::vector<std::string> lines) {
    for (std::size_t edits = up_to(5); edits > 0; --edits) {
      const auto at = static_cast<std::ptrdiff_t>(up_to(lines.size()));
      if (up_to(1) == 0 || lines.empty()) {
        lines.insert(lines.begin() + at, line());
      } else if (static_cast<std::size_t>(at) < lines.size()) {
        lines.erase(lines.begin() + at);
      }
    }
    return lines;
  }

  std::string joined(const std::vector<std::string>& lines, const std::string& end) {
    std::string text;
    for (const auto& line : lines) text += line + end;
    if (!text.empty() && up_to(3) == 0) text.resize(text.size() - end.size());
    return text;
  }

 private:
  std::mt19937 random_;
};

struct Pair {
  std::string before;
  std::string after;
};

Pair random_pair(RandomText& random) {
  const auto lines = random.lines();
  const std::string end = random.up_to(3) == 0 ? "\r\n" : "\n";
  return {random.joined(lines, end), random.joined(random.edited(lines), end)};
}

std::map<std::string, std::string> contents(const Files& files) {
  std::map<std::string, std::string> result;
  for (const auto& [path, file] : files) result[path] = file.content;
  return result;
}

TEST(ApplyDiffsProperty, WhatDiffAndGitMakeOfRandomEditsGivesTheNewTexts) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  RandomText random(seed);
  for (int round = 0; round < 6; ++round) {
    const GitRepository git;
    const support::TempDir dir;
    std::map<std::string, std::string> after;
    Files before;
    std::vector<Pair> pairs(20);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      pairs[i] = random_pair(random);
      const std::string path = "pkg/" + std::to_string(i);
      before[path] = {pairs[i].before, 0100644};
      after[path] = pairs[i].after;
      git.write(path, pairs[i].before);
      support::write_content(dir / "old" / path, pairs[i].before);
      support::write_content(dir / "new" / path, pairs[i].after);
    }
    git.commit();
    for (const auto& [path, content] : after) git.write(path, content);
    git.commit();
    const std::string context = "-U" + std::to_string(random.up_to(4));

    DiffedWheel by_git(before);
    by_git.with("a.diff", git.git({"diff", "--text", context, "HEAD~1"}));
    DiffedWheel by_mail(before);
    by_mail.with("a.patch", git.git({"format-patch", "--text", "--stdout", "-1"}));
    DiffedWheel by_diff(before);
    by_diff.with("a.diff", support::run_program({"diff", "-r", "-a", context, "old", "new"}, {},
                                                dir.path().string())
                               .out);
    const bool is_same = contents(before) == after;
    for (DiffedWheel* wheel : {&by_git, &by_mail, &by_diff}) {
      if (is_same) continue;  // and no diff
      ASSERT_EQ(contents(wheel->patched()), after) << context;
      ASSERT_TRUE(wheel->apply().notes.empty());
    }
  }
}

}  // namespace
}  // namespace spokeshave
