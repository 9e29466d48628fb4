#include "src/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
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

}  // namespace
}  // namespace spokeshave
