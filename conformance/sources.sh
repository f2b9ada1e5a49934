#!/bin/sh
# sources.sh statements|calls [NAME=VALUE]...   puts generated C programs before both verifiers; without arguments it says more
# Builds what is missing. Needs Maven and a JDK 25 in JAVA_HOME or on PATH, clang and libbpf's headers, and root or a file of verdicts.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$home"
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
"$java" -version 2>&1 | grep -q '"25' || { echo "sources.sh: set JAVA_HOME to a JDK 25" >&2; exit 2; }
mvn -q -B -pl conformance -am -DskipTests compile dependency:build-classpath \
  -Dmdep.includeScope=runtime -Dmdep.outputFile="$home/conformance/target/classpath" >&2
exec "$java" -Xmx2g -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
  -cp "conformance/target/classes:$(cat conformance/target/classpath)" org.ebpf4j.conformance.sources.SourceCommand "$@"
