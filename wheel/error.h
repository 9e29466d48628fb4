#pragma once

#include <stdexcept>
#include <string>

namespace wheel {

/// What is wrong with a wheel, and in which member (empty: the archive as a whole).
class Error : public std::runtime_error {
 public:
  Error(std::string member, const std::string& what)
      : std::runtime_error(what), member_(std::move(member)) {}
  const std::string& member() const { return member_; }

 private:
  std::string member_;
};

}  // namespace wheel
