#include "src/demangle.h"

#include <cxxabi.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "src/child_process.h"

namespace spokeshave {

namespace {

constexpr std::size_t kLongestName = 4096;    // of libtorch's the longest has 2,500
constexpr std::size_t kLongestText = 65'536;  // bytes
constexpr ChildLimits kLimits{.memory_bytes = std::uint64_t{128} << 20, .seconds = 2};
constexpr int kMostChildren = 4;

bool is_mangled(const std::string& name) {
  return name.starts_with("_Z") && name.size() <= kLongestName;
}

/// Empty where it stays as it is.
std::string demangle(const std::string& name) {
  if (!is_mangled(name)) return "";
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free);
  std::string result = status == 0 && text ? text.get() : "";
  return result.size() <= kLongestText ? result : "";
}

void send_text(const std::string& text, const SendBytes& send) {
  const auto size = static_cast<std::uint32_t>(text.size());
  send(std::as_bytes(std::span(&size, 1)));
  send(std::as_bytes(std::span(text)));
}

/// Puts what comes in the place of the names from `next` on, and moves `next`.
void receive_texts(const ReceiveBytes& receive, std::vector<std::string>& names,
                   std::size_t& next) {
  for (; next < names.size(); ++next) {
    std::uint32_t size = 0;
    receive(std::as_writable_bytes(std::span(&size, 1)));
    if (size > kLongestText) return;
    std::string text(size, '\0');
    receive(std::as_writable_bytes(std::span(text)));
    if (!text.empty()) names[next] = std::move(text);
  }
}

}  // namespace

std::vector<std::string> demangled(const std::vector<std::string>& names) {
  std::vector<std::string> result = names;
  std::size_t next = 0;
  for (int children = 0; children < kMostChildren && next < names.size(); ++children) {
    const std::size_t first = next;
    run_in_child(
        [&](const SendBytes& send) {
          for (std::size_t i = first; i < names.size(); ++i) send_text(demangle(names[i]), send);
        },
        [&](const ReceiveBytes& receive) { receive_texts(receive, result, next); }, kLimits);
    ++next;  // the name over which a child ended stays as it is
  }
  return result;
}

}  // namespace spokeshave
