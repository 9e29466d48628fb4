#pragma once

#include <cstddef>
#include <functional>

namespace spokeshave {

/// Calls work(0) ... work(count - 1) on `threads` threads, handing the numbers out in ascending
/// order, and returns when all are done. When calls throw, no further ones begin and the exception
/// of the lowest number is thrown, so that the same input gives the same error whatever the number
/// of threads.
void run_parallel(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t)>& work);

}  // namespace spokeshave
