#!/bin/sh
# Writes what this machine's kernel allows as tables: conformance/tables.sh FOLDER
# Needs root, bpf(2), a JDK 25 in JAVA_HOME and Maven. Takes about a minute.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
: "${JAVA_HOME:?set it to a JDK 25}"
mvn -q -f "$home/pom.xml" -pl conformance -am -DskipTests compile
classes=$(for module in core api sys linux verifier conformance; do printf '%s:' "$home/$module/target/classes"; done)
exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -cp "$classes" \
  org.ebpf4j.conformance.tables.KernelTables "${1:?say which folder to write to}"
