#!/bin/sh
# usage: split_into.sh COUNT FOLDER PROGRAM ARGUMENT...
# Runs the program, which makes the folder beside the outputs, and moves the wheels out of it. Where there are more
# than COUNT, one would be lost that the main wheel requires; Bazel itself sees where one is not made.
set -eu
count=$1 folder=$2
shift 2

rm -rf "$folder"
"$@"
set -- "$folder"/*
if [ $# -gt "$count" ]; then
  echo "error: \`outs\` names $count of $# wheels
  caused by: the split makes$(cd "$folder" && printf ' `%s`' *)
hint: name them all, or leave \`outs\` out and take the folder" >&2
  exit 1
fi
mv "$@" "${folder%/*}"
rmdir "$folder"
