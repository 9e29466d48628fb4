#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace spokeshave {

/// Calls work(0) ... work(count - 1) on `threads` threads, handing the numbers out in ascending
/// order, and returns when all are done. When calls throw, no further ones begin and the exception
/// of the lowest number is thrown, so that the same input gives the same error whatever the number
/// of threads.
void run_parallel(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t)>& work);

/// The numbers 0 ... sizes.size() - 1, that of the largest size first; equal ones in ascending
/// order.
std::vector<std::size_t> largest_first(const std::vector<std::uint64_t>& sizes);

/// run_parallel() over pieces of work of these `sizes` (bytes), the largest first: begun last, it
/// would keep the others waiting. `outlasts`: a piece is more than its thread's share, so that some
/// thread will have nothing to do, and may do a part of this one. The exception thrown is that of
/// the largest piece.
void run_largest_first(const std::vector<std::uint64_t>& sizes, unsigned threads,
                       const std::function<void(std::size_t i, bool outlasts)>& work);

}  // namespace spokeshave
