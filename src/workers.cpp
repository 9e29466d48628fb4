#include "src/workers.h"

#include <atomic>
#include <exception>
#include <mutex>
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

}  // namespace spokeshave
