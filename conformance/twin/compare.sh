#!/bin/sh
# Measures the Linux host beside libbpf: conformance/twin/compare.sh
# Needs root, bpf(2), a JDK 25 in JAVA_HOME, Maven, and what twin/build.sh needs. Takes about a minute.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
: "${JAVA_HOME:?set it to a JDK 25}"
mvn -q -f "$home/pom.xml" -pl conformance -am -DskipTests compile
classes=$(for module in core api sys linux conformance; do printf '%s:' "$home/$module/target/classes"; done)
exec "$JAVA_HOME/bin/java" -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -cp "$classes" \
  org.ebpf4j.conformance.twin.TwinComparison "$home/conformance"
