#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

// Work on hostile input by code that is not ours and may fail in any way: done in a process of its
// own, it cannot bring us down.
namespace spokeshave {

/// What a piece of work may take.
struct ChildLimits {
  std::uint64_t memory_bytes = 0;  ///< of address space, on top of what we have when it begins
  unsigned seconds = 0;            ///< of the processor; on the clock four times as much
};

using SendBytes = std::function<void(std::span<const std::byte>)>;
/// Fills the span, or throws something that `take` must let pass.
using ReceiveBytes = std::function<void(std::span<std::byte>)>;

/// Calls `work` in a child process, and meanwhile `take` in this one, which receives what `work`
/// sends. Nothing where `take` returned; else what went wrong with the child, for `... could not be
/// read: `, one line without a full stop: an exception's words, a crash, too much memory or time.
/// Other exceptions of `take` pass. The child prints nothing. It is a fork: call it only while no
/// other thread runs. The address space is not limited in a build with AddressSanitizer, which
/// takes terabytes of it. Throws std::system_error where there can be no child.
std::optional<std::string> run_in_child(const std::function<void(const SendBytes&)>& work,
                                        const std::function<void(const ReceiveBytes&)>& take,
                                        const ChildLimits& limits);

}  // namespace spokeshave
