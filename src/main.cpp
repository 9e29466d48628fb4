#include <cstdio>
#include <string>
#include <vector>

#include "src/run.h"

int main(int count, char** words) {
  return spokeshave::run(std::vector<std::string>(words + 1, words + count));
}
