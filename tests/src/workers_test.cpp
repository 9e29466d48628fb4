#include "src/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace spokeshave {
namespace {

TEST(RunParallel, EveryNumberIsWorkedOnOnce) {
  for (const unsigned threads : {0u, 1u, 2u, 7u, 64u}) {
    std::vector<std::atomic<int>> calls(33);
    run_parallel(calls.size(), threads, [&](std::size_t i) { ++calls[i]; });
    for (std::size_t i = 0; i < calls.size(); ++i) {
      EXPECT_EQ(calls[i], 1) << i << " on " << threads << " threads";
    }
  }
}

TEST(RunParallel, NothingToDoIsDone) {
  run_parallel(0, 4, [](std::size_t) { FAIL(); });
}

TEST(RunParallel, OneThreadTakesTheNumbersInOrder) {
  std::vector<std::size_t> order;
  run_parallel(4, 1, [&](std::size_t i) { order.push_back(i); });
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3}));
}

std::string error_of(std::size_t count, unsigned threads,
                     const std::function<void(std::size_t)>& work) {
  try {
    run_parallel(count, threads, work);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "none";
}

TEST(RunParallel, TheErrorOfTheLowestNumberIsThrownWhicheverComesFirst) {
  for (const unsigned threads : {1u, 2u, 3u, 8u}) {
    for (const bool lowest_first : {false, true}) {
      const std::string error = error_of(8, threads, [&](std::size_t i) {
        const std::size_t turn = lowest_first ? i : 8 - i;
        std::this_thread::sleep_for(std::chrono::milliseconds(3 * turn));
        if (i >= 2) throw std::runtime_error("number " + std::to_string(i));
      });
      EXPECT_EQ(error, "number 2") << threads << " threads";
    }
  }
}

TEST(RunParallel, AfterAnErrorNothingMoreBegins) {
  std::atomic<int> calls{0};
  EXPECT_EQ(error_of(1000, 1,
                     [&](std::size_t i) {
                       ++calls;
                       if (i == 3) throw std::runtime_error("three");
                     }),
            "three");
  EXPECT_EQ(calls, 4);
}

TEST(RunParallel, WhatIsThrownNeedNotBeAnException) {
  EXPECT_THROW(run_parallel(3, 2, [](std::size_t) { throw 7; }), int);
}

TEST(RunLargestFirst, TakesTheLargestFirstAndEqualOnesInOrder) {
  std::vector<std::size_t> order;
  run_largest_first({3, 8, 3, 0, 9}, 1, [&](std::size_t i, bool) { order.push_back(i); });
  EXPECT_EQ(order, (std::vector<std::size_t>{4, 1, 0, 2, 3}));
}

TEST(RunLargestFirst, WhatIsMoreThanAThreadsShareOutlastsTheOthers) {
  const auto outlasting = [](std::vector<std::uint64_t> sizes, unsigned threads) {
    std::mutex mutex;
    std::set<std::uint64_t> found;
    run_largest_first(sizes, threads, [&](std::size_t i, bool outlasts) {
      const std::scoped_lock lock(mutex);
      if (outlasts) found.insert(sizes[i]);
    });
    return found;
  };
  EXPECT_EQ(outlasting({5, 4, 2}, 2), (std::set<std::uint64_t>{}));
  EXPECT_EQ(outlasting({6, 3, 2}, 2), (std::set<std::uint64_t>{6}));
  EXPECT_EQ(outlasting({6, 3, 2}, 4), (std::set<std::uint64_t>{3, 6}));
  EXPECT_EQ(outlasting({6, 3, 2}, 1), (std::set<std::uint64_t>{}));
}

TEST(RunLargestFirst, TheErrorOfTheLargestIsThrown) {
  for (const unsigned threads : {1u, 2u, 8u}) {
    try {
      run_largest_first({1, 2, 7, 3}, threads, [](std::size_t i, bool) {
        throw std::runtime_error("number " + std::to_string(i));
      });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "number 2") << threads << " threads";
    }
  }
}

}  // namespace
}  // namespace spokeshave
