#!/bin/sh
# Measures and writes docs/performance.md: bench/run.sh [--quick]
#
# Needs a JDK 25 in JAVA_HOME and Maven. All of it takes about half an hour on a quiet machine and 4 GB in the folder for
# temporary files; --quick takes a few minutes and is good for a first look only.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
: "${JAVA_HOME:?set it to a JDK 25}"
mvn -q -f "$home/pom.xml" -pl bench,cli -am -DskipTests package
# Straight-line programs are compiled where clang is, and left out elsewhere.
if command -v "${CLANG:-clang-19}" >/dev/null; then
  "$home/bench/programs/build.sh" "$home/bench/target/programs" >/dev/null
fi
exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -Debpf4j.home="$home" \
  -cp "$home/bench/target/ebpf4j-bench.jar:$home/bench/target/lib/*" \
  org.ebpf4j.bench.Main "$home/docs/performance.md" "$home/cli/target/ebpf.jar" "$@"
