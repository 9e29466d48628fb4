#include "src/child_process.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <vector>

#include "elf/error.h"

namespace spokeshave {
namespace {

using testing::HasSubstr;
using testing::Optional;

constexpr ChildLimits kEnough{.memory_bytes = 64 << 20, .seconds = 20};

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

/// What goes wrong where the parent waits for one byte.
std::optional<std::string> error_of(const std::function<void(const SendBytes&)>& work,
                                    const ChildLimits& limits = kEnough) {
  return run_in_child(
      work,
      [](const ReceiveBytes& receive) {
        std::byte byte{};
        receive(std::span(&byte, 1));
      },
      limits);
}

TEST(RunInChild, WhatIsSentArrivesWholeAlsoWhereItIsMoreThanAPipeHolds) {
  std::string sent;
  for (int i = 0; i < 500'000; ++i) sent += static_cast<char>('a' + i % 23);
  std::string received(sent.size(), '\0');
  const auto error =
      run_in_child([&](const SendBytes& send) { send(bytes_of(sent)); },
                   [&](const ReceiveBytes& receive) {
                     receive(std::as_writable_bytes(std::span(received)).first(10));
                     receive(std::as_writable_bytes(std::span(received)).subspan(10));
                   },
                   kEnough);
  EXPECT_EQ(error, std::nullopt);
  EXPECT_EQ(received, sent);
}

TEST(RunInChild, AnExceptionIsReportedInItsOwnWords) {
  EXPECT_EQ(error_of([](const SendBytes&) { throw std::runtime_error("no such thing"); }),
            "no such thing");
  EXPECT_EQ(error_of([](const SendBytes&) { throw elf::Error(0x40, "it does not add up"); }),
            "it does not add up (offset 0x40)");
  EXPECT_EQ(error_of([](const SendBytes&) { throw 7; }), "an unknown exception");
}

TEST(RunInChild, AnExceptionAfterPartOfTheMessageIsReportedToo) {
  const auto error = run_in_child(
      [](const SendBytes& send) {
        send(bytes_of("ab"));
        throw std::runtime_error("then it failed");
      },
      [](const ReceiveBytes& receive) {
        std::array<std::byte, 3> bytes{};
        receive(bytes);
      },
      kEnough);
  EXPECT_EQ(error, "then it failed");
}

TEST(RunInChild, ACrashIsReported) {
  EXPECT_THAT(error_of([](const SendBytes&) { std::abort(); }),
              Optional(HasSubstr("it crashes (Abort")));
#ifndef __SANITIZE_ADDRESS__  // which makes an exit of it
  EXPECT_THAT(error_of([](const SendBytes&) { ::raise(SIGSEGV); }),
              Optional(HasSubstr("it crashes (Segm")));
#endif
  EXPECT_EQ(error_of([](const SendBytes&) { ::_exit(0); }), "it breaks off");
}

TEST(RunInChild, TooMuchMemoryIsReported) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "no limit under AddressSanitizer";
#endif
  const auto greedy = [](const SendBytes&) {
    std::vector<std::vector<char>> taken;
    for (;;) taken.emplace_back(1 << 20, 'x');
  };
  EXPECT_EQ(error_of(greedy), "it takes more than 67.1 MB of memory");
}

TEST(RunInChild, TooMuchTimeIsReported) {
  const auto endless = [](const SendBytes&) {
    volatile bool go_on = true;
    while (go_on) {
    }
  };
  EXPECT_EQ(error_of(endless, {.memory_bytes = 64 << 20, .seconds = 1}), "it takes more than 1 s");
}

TEST(RunInChild, AChildThatWaitsForNothingIsEnded) {
  const auto begun = std::chrono::steady_clock::now();
  const auto asleep = [](const SendBytes&) { ::sleep(100); };
  EXPECT_EQ(error_of(asleep, {.memory_bytes = 64 << 20, .seconds = 1}), "it takes more than 1 s");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
}

using Work = std::function<void(const SendBytes&)>;

/// Whether the child that does `work` is gone 10 s after its parent, which receives nothing, was
/// killed.
bool goes_with_its_parent(const Work& work) {
  std::array<int, 2> ends{};  // closed at the writing end when the child is no more
  if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
  const pid_t parent = ::fork();
  if (parent == 0) {
    const auto tell_and_work = [&](const SendBytes& send) {
      const pid_t self = ::getpid();
      if (::write(ends[1], &self, sizeof self) == sizeof self) work(send);
    };
    run_in_child(
        tell_and_work, [](const ReceiveBytes&) { ::pause(); }, kEnough);
    ::_exit(0);
  }
  ::close(ends[1]);
  pid_t child = 0;
  const bool begun = ::read(ends[0], &child, sizeof child) == sizeof child;
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  pollfd end{ends[0], POLLIN, 0};
  const bool gone = begun && ::poll(&end, 1, 10'000) == 1;
  if (begun && !gone) ::kill(child, SIGKILL);
  ::close(ends[0]);
  return gone;
}

void send_for_ever(const SendBytes& send) {
  const std::string much(100'000, 'x');
  for (;;) send(bytes_of(much));
}

TEST(RunInChild, AChildGoesWithItsParent) {
  EXPECT_TRUE(goes_with_its_parent(send_for_ever));
  EXPECT_TRUE(goes_with_its_parent([](const SendBytes&) { ::sleep(100); }));
}

TEST(RunInChild, AChildThatNobodyTellsOfItsParentsEndFindsItByWriting) {
  EXPECT_TRUE(goes_with_its_parent([](const SendBytes& send) {
    ::prctl(PR_SET_PDEATHSIG, 0);
    send_for_ever(send);
  }));
}

TEST(RunInChild, WhatTheReceiverThrowsPasses) {
  EXPECT_THROW(
      run_in_child([](const SendBytes& send) { send(bytes_of("a")); },
                   [](const ReceiveBytes&) { throw std::domain_error("not this"); }, kEnough),
      std::domain_error);
}

TEST(RunInChild, TheChildPrintsNothingAndLeavesWhatWeHaveBuffered) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  std::fputs("ours", stdout);
  const auto error = error_of([](const SendBytes& send) {
    std::fputs("its own", stderr);
    std::puts("its own");
    std::fflush(stdout);
    send(bytes_of("x"));
  });
  EXPECT_EQ(error, std::nullopt);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "ours");
}

}  // namespace
}  // namespace spokeshave
