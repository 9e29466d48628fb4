#include "src/workers.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

namespace spokeshave {

void run_parallel(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> failed_at{count};
  std::mutex mutex;
  std::exception_ptr error;

  const auto loop = [&] {
    // What stands below a failed number is still done: it might fail too, and the lowest one
    // counts.
    for (std::size_t i = next++; i < failed_at; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        if (i < failed_at) {
          failed_at = i;
          error = std::current_exception();
        }
      }
    }
  };
  {
    std::vector<std::jthread> pool;
    const auto wanted = std::min<std::size_t>(threads, count);
    for (std::size_t i = 1; i < wanted; ++i) {
      pool.emplace_back(loop);
    }
    loop();
  }
  if (error) {
    std::rethrow_exception(error);
  }
}

std::vector<std::size_t> largest_first(const std::vector<std::uint64_t>& sizes) {
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return sizes[i]; });
  return order;
}

void run_largest_first(const std::vector<std::uint64_t>& sizes, unsigned threads,
                       const std::function<void(std::size_t, bool)>& work) {
  const std::vector<std::size_t> order = largest_first(sizes);
  const auto total = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
  run_parallel(order.size(), threads, [&](std::size_t turn) {
    const std::size_t i = order[turn];
    work(i, threads > 1 && sizes[i] > total / threads);
  });
}

}  // namespace spokeshave
