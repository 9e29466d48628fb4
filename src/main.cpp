#include <cstdlib>
#include <string>
#include <vector>

#include "src/run.h"

int main(int count, char** words) {
  // libzip turns each member's time into seconds of the local time zone. Without TZ the C library
  // looks for /etc/localtime each time; what is written does not depend on the zone.
  setenv("TZ", "UTC0", 0);
  return spokeshave::run(std::vector<std::string>(words + 1, words + count));
}
