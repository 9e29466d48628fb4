#!/bin/sh
# In the program's place: writes down the arguments, the environment and the network that an action gets.
arguments=$*
while [ "$1" != --out ]; do shift; done
{
  echo "arguments $arguments"
  env
  cat /proc/net/dev
} > "$2/seen.txt"
