#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace spokeshave {

struct ProgramLimits {
  std::chrono::milliseconds time{60'000};    ///< on the clock
  std::uint64_t memory_bytes = 4ULL << 30U;  ///< of address space
  std::uint64_t file_bytes = 1ULL << 30U;    ///< of any file that it writes
  std::uint64_t output_bytes = 1ULL << 30U;  ///< on stdout
};

/// A program to run, and with what.
struct ProgramCall {
  std::vector<std::string> words;        ///< its name, found on PATH, or its path; its arguments
  std::string input;                     ///< what it reads from stdin
  std::string folder;                    ///< where it runs; empty: here
  std::vector<std::string> environment;  ///< all of it, `NAME=value`
  ProgramLimits limits;
};

/// How it went.
struct ProgramEnd {
  int start_error = 0;         ///< errno where it could not be started
  bool was_late = false;       ///< it was killed: the time was over
  bool said_too_much = false;  ///< it was killed: more on stdout than the limit allows
  int status = 0;              ///< as waitpid(2) tells
  std::string out;
  std::string first_error_line;

  bool succeeded() const { return start_error == 0 && !was_late && !said_too_much && status == 0; }
};

/// `dot was ended by signal 9`, `dot ended with status 2: what it said`: one that was started and
/// was neither late nor too loud.
std::string how_it_ended(const std::string& program, const ProgramEnd& end);

/// This process's environment less the variables named, plus LC_ALL=C: nothing else then changes
/// how numbers and messages are written.
std::vector<std::string> plain_environment(const std::vector<std::string>& without = {});

/// Runs a program to its end, without a shell, in a process group of its own. It is killed with
/// this process, whatever ends that. Throws std::system_error where there can be no child.
ProgramEnd run_program(const ProgramCall& call);

}  // namespace spokeshave
